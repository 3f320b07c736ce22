"""What a table shows of a row, column by column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.painting import MarkCell, PillCell

Row = TypeVar("Row")

Cell = PillCell | tuple[MarkCell, ...]


@dataclass(frozen=True)  # no slots: a frozen generic with slots cannot be called as Column[X](...)
class Column(Generic[Row]):
    """One column; every function takes a row object.

    ``id`` is what is remembered and what the page sorts by; ``text`` is shown, read out and copied; ``value`` is the
    native value for JSON copies; ``cell`` gives a pill or marks to be painted instead of the text; ``icon`` an icon
    name and its tone before it. A ``required`` column cannot be hidden, a ``hidden`` one is at first, and one column
    of a table may ``stretch`` over the room that is left (never below ``min_width``). Where texts differ at their ends,
    as paths do, ``elide_middle`` cuts them in the middle. The longest of its ``pills`` and
    ``samples`` fit into the column from the beginning, whatever the language.
    """

    id: str
    title: str
    text: Callable[[Row], str]
    width: int = 160
    sortable: bool = False
    tooltip: Callable[[Row], str] | None = None
    value: Callable[[Row], object] | None = None
    cell: Callable[[Row], Cell] | None = None
    icon: Callable[[Row], tuple[str, Tone] | None] | None = None
    tone: Callable[[Row], Tone] | None = None
    align_end: bool = False
    mono: bool = False
    elide_middle: bool = False
    hidden: bool = False
    required: bool = False
    stretch: bool = False
    min_width: int = 130
    pills: tuple[PillCell, ...] = ()
    samples: tuple[str, ...] = ()

    def native(self, row: Row) -> object:
        """Return the value behind the text."""
        return self.text(row) if self.value is None else self.value(row)

    def tooltip_text(self, row: Row) -> str:
        """Return what the tooltip says, or an empty string."""
        return "" if self.tooltip is None else self.tooltip(row)
