"""How a table model gets at its rows: two functions that the page supplies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from smtpy_desktop.schemas.paging import ListShape, Page, Position

Row = TypeVar("Row")

DeliverPage = Callable[[Page[Row] | None], None]
DeliverShape = Callable[[ListShape | None], None]


@dataclass(frozen=True)  # no slots: a frozen generic with slots cannot be called as ListReader[X](...)
class ListReader(Generic[Row]):
    """Each function starts reading and calls ``deliver`` later, on the GUI thread, once; with None when it failed.

    ``read_shape`` may deliver a rough shape before the one that is exact.
    """

    read_page: Callable[[Position, int, DeliverPage[Row]], object]
    read_shape: Callable[[DeliverShape], object]


def fixed_reader(rows: Sequence[Row], row_id: Callable[[Row], int] | None = None) -> ListReader[Row]:
    """Return a reader over rows that are here already, in their order; without ``row_id`` ids are their numbers."""
    kept = tuple(rows)
    keys = tuple((number, number if row_id is None else row_id(row)) for number, row in enumerate(kept))
    numbers = {key[1]: number for number, key in enumerate(keys)}

    def read_page(position: Position, limit: int, deliver: DeliverPage[Row]) -> None:
        number = None if position.key is None else numbers.get(position.key[1], 0)
        if position.backwards:
            end = len(kept) if number is None else number
            start = max(0, end - limit)
        else:
            start = position.skip + (0 if number is None else number + (not position.inclusive))
            end = start + limit
        deliver(Page(kept[start:end], keys[start:end]))

    def read_shape(deliver: DeliverShape) -> None:
        step = 200
        deliver(ListShape(len(kept), step, keys[::step]))

    return ListReader(read_page, read_shape)
