"""Remembers which columns of a table are shown, in which order and how wide."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QHeaderView

from smtpy_desktop.views.tables.column_fit import first_width
from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.widgets.remembered import Store
from smtpy_desktop.views.widgets.single_shot import single_shot

_WRITE_AFTER_MILLISECONDS = 250


class ColumnMemory(QObject):
    """Keeps the state by column id, so that a version with other columns still understands it."""

    def __init__(
        self, header: QHeaderView, columns: Sequence[Column[Any]], key: str, store: Store, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._header, self._columns, self._key, self._store = header, tuple(columns), key, store
        self._write_soon = single_shot(self, self.write, _WRITE_AFTER_MILLISECONDS)
        self.restore()
        for signal in (header.sectionMoved, header.sectionResized, header.sortIndicatorChanged):
            signal.connect(self._on_changed)

    def _on_changed(self) -> None:
        # Not the timer's own start(): it would take the signal's numbers for milliseconds.
        self._write_soon.start()

    def is_hidden(self, section: int) -> bool:
        """Say whether a column is hidden."""
        return self._header.isSectionHidden(section)

    def set_hidden(self, section: int, *, hidden: bool) -> None:
        """Show or hide a column."""
        if not (hidden and self._columns[section].required):
            self._header.setSectionHidden(section, hidden)
            self._write_soon.start()

    def reset(self) -> None:
        """Go back to the columns as they were at first."""
        self._apply({})
        self.write()

    def restore(self) -> None:
        """Apply what was remembered."""
        try:
            state = json.loads(str(self._store.value(f"{self._key}/columns", "{}")))
        except ValueError:
            state = {}
        self._apply(state if isinstance(state, dict) else {})

    def remembered_sort(self) -> tuple[str, bool] | None:
        """Return the column id and direction of the last order, if there was one."""
        try:
            column, descending = json.loads(str(self._store.value(f"{self._key}/sort", "")))
        except (ValueError, TypeError):
            return None
        known = any(each.id == column and each.sortable for each in self._columns)
        return (str(column), bool(descending)) if known else None

    def write(self) -> None:
        """Remember the present state now."""
        self._write_soon.stop()
        order = sorted(range(len(self._columns)), key=self._header.visualIndex)
        state = {
            "order": [self._columns[section].id for section in order],
            "hidden": [c.id for section, c in enumerate(self._columns) if self.is_hidden(section)],
            # Only what somebody has changed: another language needs other widths.
            "widths": {
                c.id: self._header.sectionSize(section)
                for section, c in enumerate(self._columns)
                if not (c.stretch or self.is_hidden(section)) and self._header.sectionSize(section) != first_width(c)
            },
        }
        self._store.setValue(f"{self._key}/columns", json.dumps(state))
        sorted_by = self._header.sortIndicatorSection()
        if 0 <= sorted_by < len(self._columns):
            descending = self._header.sortIndicatorOrder().value == 1
            self._store.setValue(f"{self._key}/sort", json.dumps([self._columns[sorted_by].id, descending]))

    def _apply(self, state: dict[str, Any]) -> None:
        ids = [column.id for column in self._columns]
        known_order = [column_id for column_id in state.get("order", []) if column_id in ids]
        order = known_order + [column_id for column_id in ids if column_id not in known_order]
        for visual, column_id in enumerate(order):
            self._header.moveSection(self._header.visualIndex(ids.index(column_id)), visual)
        hidden = state.get("hidden")
        widths = state.get("widths", {})
        for section, column in enumerate(self._columns):
            is_hidden = column.id in hidden if hidden is not None and column.id in known_order else column.hidden
            self._header.setSectionHidden(section, is_hidden and not column.required)
            if not column.stretch:
                self._header.resizeSection(section, int(widths.get(column.id, first_width(column))))
