"""Name and value in rows, each value ready to be copied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.card import clear_layout
from smtpy_desktop.views.widgets.copy_button import CopyButton
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.mono_text import MonoText
from smtpy_desktop.views.widgets.wrapped_text import WrappedText

_LINE_HEIGHT = 24


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of a list that is shown as a whole."""

    name: str
    value: str
    copy: bool = True
    mono: bool = False
    tone: Tone = Tone.TEXT


class KeyValueList(QWidget):
    """Rows of a muted name, a value that breaks where it must, and a copy button."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(Space.L)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)
        self._values: dict[str, MonoText] = {}
        self._rows = 0  # the grid's own count never goes down
        self._kinds: tuple[Fact, ...] = ()

    def add(
        self,
        name: str,
        value: str,
        *,
        copy: bool = True,
        copied: str | None = None,
        mono: bool = False,
        tone: Tone = Tone.TEXT,
    ) -> None:
        """Add a row; ``copied`` is what its button copies where that is not what is shown."""
        row = self._rows
        self._rows += 1
        top = Qt.AlignmentFlag.AlignTop
        text = MonoText(value, name, self, tone=tone) if mono else WrappedText(value, self, tone=tone)
        text.setAccessibleName(f"{name}: {value}")
        name_label = PlainLabel(name, self, tone=Tone.MUTED, size="small")
        name_label.setFixedHeight(_LINE_HEIGHT)
        holder = QVBoxLayout()
        inset = (_LINE_HEIGHT - text.fontMetrics().height()) // 2
        holder.setContentsMargins(0, inset, 0, inset)
        holder.addWidget(text)
        self._grid.addWidget(name_label, row, 0, top)
        self._grid.addLayout(holder, row, 1)
        if copy:
            self._grid.addWidget(CopyButton(text.text if copied is None else copied, name, self), row, 2, top)
        self._values[name] = text

    def set_value(self, name: str, value: str) -> None:
        """Change the value of a row that was added before."""
        self._values[name].set_text(value)
        self._values[name].setAccessibleName(f"{name}: {value}")

    def show_facts(self, facts: Sequence[Fact]) -> None:
        """Show these rows and no others; those that are of the same kind as before keep their widgets."""
        kinds = tuple(replace(fact, value="") for fact in facts)
        if kinds != self._kinds:
            self.clear()
            self._kinds = kinds
            for fact in facts:
                self.add(fact.name, fact.value, copy=fact.copy, mono=fact.mono, tone=fact.tone)
            return
        for fact in facts:
            self.set_value(fact.name, fact.value)

    def clear(self) -> None:
        """Remove every row."""
        self._kinds = ()
        clear_layout(self._grid)
        self._values.clear()
        self._rows = 0
