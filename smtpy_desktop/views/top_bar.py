"""The bar across the top of the window: whose domains, search, how the parts are doing, which environment."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from smtpy_desktop.views.command_palette import SearchBox
from smtpy_desktop.views.organization_chooser import OrganizationChooser
from smtpy_desktop.views.shortcuts import Shortcut, key_text
from smtpy_desktop.views.theme_tokens import Metric, Space, Tone
from smtpy_desktop.views.widgets.buttons import on_click
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.pill import Pill
from smtpy_desktop.views.widgets.profile_mark import ProfileBadge
from smtpy_desktop.views.widgets.status_indicator import StatusIndicator
from smtpy_desktop.views.widgets.texts import tr


class TopBar(QFrame):
    """``status_pressed(str)``: the user wants to know more about a part (its id). ``profile_pressed``: about others."""

    status_pressed = Signal(str)
    profile_pressed = Signal()

    def __init__(self, product_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("topBar")
        self.setAccessibleName(tr("Top bar"))
        self.setFixedHeight(Metric.TOP_BAR_HEIGHT)
        self.organizations = OrganizationChooser(self)
        self.search = SearchBox(self)
        self.search.setMinimumWidth(Metric.SEARCH_MIN_WIDTH)
        self.search.setMaximumWidth(Metric.SEARCH_WIDTH)
        self._hint = PlainLabel(key_text(Shortcut.SEARCH.keys), self, tone=Tone.MUTED, size="small")
        self.environment = Pill("", Tone.MUTED, self, icon="")
        self.environment.hide()
        self._indicators: dict[str, StatusIndicator] = {}
        self._status_row = QHBoxLayout()
        self._status_row.setSpacing(Space.S)
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.L, 0, Space.L, Metric.BORDER)
        row.setSpacing(Space.M)
        row.addWidget(PlainLabel(product_name, self, size="heading"))
        row.addWidget(self.organizations)
        row.addStretch(1)
        row.addWidget(self.search, 4)
        row.addWidget(self._hint)
        row.addStretch(1)
        row.addLayout(self._status_row)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(Space.XS)
        row.addLayout(self._buttons)
        row.addWidget(self.environment)
        self.profile = ProfileBadge(self)
        on_click(self.profile, self.profile_pressed.emit)
        row.addWidget(self.profile)

    def set_status(self, part: str, word: str, tone: Tone, detail: str = "") -> None:
        """Show how a part of the program is doing; a new id adds an indicator at the end."""
        if part not in self._indicators:
            indicator = StatusIndicator(self)
            on_click(indicator, lambda: self.status_pressed.emit(part))
            self._status_row.addWidget(indicator)
            self._indicators[part] = indicator
        self._indicators[part].set_state(word, tone, detail)

    def add_button(self, button: QWidget) -> None:
        """Add a button behind the indicators."""
        self._buttons.addWidget(button)

    def set_environment(self, name: str, tone: Tone) -> None:
        """Show which installation this is; an empty name shows nothing."""
        self.environment.set_state(name, tone, icon="")
        self.environment.setVisible(bool(name))

    def set_compact(self, compact: bool) -> None:
        """Leave out what a narrow window has no room for."""
        self._hint.setVisible(not compact)
        self.profile.set_compact(compact)
        for indicator in self._indicators.values():
            indicator.set_compact(compact)
