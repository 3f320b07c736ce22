"""Editors of settings that are stored as words or bytes and shown as something easier to read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

from PySide6.QtCore import QSignalBlocker, Qt, QTime
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QTimeEdit, QWidget

from smtpy_desktop.views.theme_tokens import Metric, Space
from smtpy_desktop.views.widgets.compound_editor import CompoundEditor
from smtpy_desktop.views.widgets.number_box import NumberBox
from smtpy_desktop.views.widgets.style_property import set_style_property
from smtpy_desktop.views.widgets.texts import tr

_MIB = 1024 * 1024
_NUMBER_WIDTH = 140

Box = TypeVar("Box", bound=QWidget)


class OneBoxEditor(CompoundEditor, Generic[Box]):
    """An editor of one widget of Qt's, at the leading edge; none of the values that can be chosen there is wrong."""

    def __init__(self, box: Box, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = box
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(box)
        row.addStretch(1)
        self.setFocusProxy(box)

    def setAccessibleName(self, name: str) -> None:
        """Name the box, which has the focus."""
        super().setAccessibleName(name)
        self.box.setAccessibleName(name)

    def mark_invalid(self, *, invalid: bool) -> None:
        """Nothing: there is no wrong value."""


class YesNoBox(OneBoxEditor[QCheckBox]):
    """A box to tick; its value is ``yes`` or ``no``."""

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(QCheckBox(words), parent)
        self.box.clicked.connect(self.edited)

    def setAccessibleName(self, name: str) -> None:
        """Name what is ticked; the box's own words belong to it."""
        super().setAccessibleName(name)
        self.box.setAccessibleName(f"{name}: {self.box.text().replace('&', '')}")

    def text(self) -> str:
        """Return ``yes`` or ``no``."""
        return "yes" if self.box.isChecked() else "no"

    def set_text(self, value: str) -> None:
        """Show a value."""
        self.box.setChecked(value == "yes")


class SizeBox(OneBoxEditor[NumberBox]):
    """A size in whole MiB; its value is in bytes. One that is no whole MiB stays as it is until it is changed."""

    def __init__(self, largest: int, parent: QWidget | None = None) -> None:
        super().__init__(NumberBox(1, largest // _MIB, 1), parent)
        self._bytes = _MIB
        self.box.setMinimumWidth(_NUMBER_WIDTH)
        self.box.setSuffix(tr(" MiB"))
        self.box.valueChanged.connect(self._on_changed)

    def text(self) -> str:
        """Return the size in bytes."""
        return str(self._bytes)

    def set_text(self, value: str) -> None:
        """Show a size."""
        if value.isdigit():
            with QSignalBlocker(self.box):
                self.box.setValue(max(1, round(int(value) / _MIB)))
            self._bytes = int(value)

    def mark_invalid(self, *, invalid: bool) -> None:
        """Mark the number."""
        set_style_property(self.box, "invalid", invalid)

    def _on_changed(self, number: int) -> None:
        self._bytes = number * _MIB
        self.edited.emit()


class ChoiceBox(OneBoxEditor[QComboBox]):
    """One of several words; ``titles`` are what the list says, by the values that are stored."""

    def __init__(self, titles: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(QComboBox(), parent)
        for value, title in titles.items():
            self.box.addItem(title, value)
        self.box.currentIndexChanged.connect(lambda number: self.edited.emit())

    def text(self) -> str:
        """Return the value that is chosen."""
        return str(self.box.currentData())

    def set_text(self, value: str) -> None:
        """Show a value; one that the list does not have leaves it as it is."""
        number = self.box.findData(value)
        if number >= 0:
            with QSignalBlocker(self.box):
                self.box.setCurrentIndex(number)


class TimeOfDayBox(OneBoxEditor[QTimeEdit]):
    """A time of day in hours and minutes; its value is ``HH:MM``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_CalmTimeEdit(), parent)
        self.box.setDisplayFormat("HH:mm")
        self.box.setMinimumWidth(_NUMBER_WIDTH)
        self.box.timeChanged.connect(lambda time: self.edited.emit())

    def text(self) -> str:
        """Return the time as ``HH:MM``."""
        return self.box.time().toString("HH:mm")

    def set_text(self, value: str) -> None:
        """Show a time; what is none leaves it as it is."""
        time = QTime.fromString(value, "HH:mm")
        if time.isValid():
            with QSignalBlocker(self.box):
                self.box.setTime(time)


class _CalmTimeEdit(QTimeEdit):
    """Turning the wheel over it scrolls the page and does not change the time."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(Metric.FIELD_HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # The style sheet's padding does not reach the edit inside.
        self.lineEdit().setTextMargins(Space.S - 2, 0, 0, 0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()
