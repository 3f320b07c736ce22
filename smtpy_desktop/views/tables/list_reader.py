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
    """Each function starts reading and calls ``deliver`` later, on the GUI thread, once; with None when it failed."""

    read_page: Callable[[Position, int, DeliverPage[Row]], object]
    read_shape: Callable[[DeliverShape], object]


def fixed_reader(rows: Sequence[Row]) -> ListReader[Row]:
    """Return a reader over rows that are here already, in their order; ids are their numbers."""
    kept = tuple(rows)

    def read_page(position: Position, limit: int, deliver: DeliverPage[Row]) -> None:
        start = 0 if position.key is None else position.key[1] + (0 if position.inclusive else 1)
        part = kept[start : start + limit]
        deliver(Page(part, tuple((number, number) for number in range(start, start + len(part)))))

    def read_shape(deliver: DeliverShape) -> None:
        step = 200
        anchors = tuple((number, number) for number in range(0, len(kept), step))
        deliver(ListShape(len(kept), step, anchors))

    return ListReader(read_page, read_shape)
