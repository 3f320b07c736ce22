"""A long list that exists only as a formula, read by key as a database would, answered when the test says so."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from smtpy_desktop.schemas.paging import Key, ListShape, Page, Position
from smtpy_desktop.views.tables.list_reader import ListReader


@dataclass(frozen=True)
class FakeRow:
    """One row; its id is its place in the beginning."""

    id: int
    name: str


class FakeList:
    """``ids`` in their order; with ``at_once`` every question is answered in the call, else by ``answer``.

    ``names`` gives rows by id another name. ``roughly``: the length that is told before the shape.
    """

    def __init__(self, ids: Any, *, at_once: bool = False, step: int = 200, roughly: int | None = None) -> None:
        self.ids = ids
        self.roughly = roughly
        self.step = step
        self.at_once = at_once
        self.questions: list[tuple[str, Any]] = []
        self._waiting: deque[Callable[[], None]] = deque()
        self.fails = False
        self.names: dict[int, str] = {}

    @property
    def reader(self) -> ListReader[FakeRow]:
        return ListReader(self._read_page, self._read_shape)

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def answer(self, count: int | None = None) -> None:
        """Answer the oldest questions, all of them (and what they lead to) without a count."""
        while self._waiting and count != 0:
            self._waiting.popleft()()
            count = None if count is None else count - 1

    def take_back_first(self) -> None:
        """Answer the oldest question last."""
        self._waiting.rotate(-1)

    def _read_page(self, position: Position, limit: int, deliver: Callable[[Page[FakeRow] | None], None]) -> None:
        self.questions.append(("page", position))
        ids = self.ids
        self._later(lambda: deliver(None if self.fails else _page(ids, self.names, position, limit)))

    def _read_shape(self, deliver: Callable[[ListShape | None], None]) -> None:
        self.questions.append(("shape", None))
        ids, step, roughly = self.ids, self.step, self.roughly
        if roughly is not None:
            self._later(lambda: deliver(ListShape(roughly, step, (), is_rough=True)))
        anchors = tuple(_key(ids[number]) for number in range(0, len(ids), step)) if not self.fails else ()
        self._later(lambda: deliver(None if self.fails else ListShape(len(ids), step, anchors)))

    def _later(self, answer: Callable[[], None]) -> None:
        if self.at_once:
            answer()
        else:
            self._waiting.append(answer)


def _key(row_id: int) -> Key:
    return (f"row {row_id}", row_id)


def _page(ids: Any, names: dict[int, str], position: Position, limit: int) -> Page[FakeRow]:
    start = len(ids) - limit if position.backwards else 0
    if position.key is not None:
        start = ids.index(position.key[1]) + (0 if position.inclusive else 1)
    part = tuple(ids[start : start + limit])
    rows = (FakeRow(row_id, names.get(row_id, f"row {row_id}")) for row_id in part)
    return Page(tuple(rows), tuple(_key(row_id) for row_id in part))
