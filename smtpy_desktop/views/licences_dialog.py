"""Everything that the program is made of, with the licence of each part."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QScrollArea, QWidget

from smtpy_desktop.schemas.about import Component
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.texts import tr

_HEIGHT = 360
_WIDTH = 600


class LicencesDialog(Dialog):
    """A list of names, versions and licences."""

    def __init__(self, parent: QWidget | None, components: tuple[Component, ...]) -> None:
        words = tr("SMTPy Desktop is under the MIT licence. It uses these parts, each under its own:")
        super().__init__(parent, tr("Licences"), words)
        self.setMinimumWidth(_WIDTH)
        content = QWidget(self)
        content.setObjectName("scrollContent")
        grid = QGridLayout(content)
        grid.setContentsMargins(0, Space.S, Space.S, 0)
        grid.setHorizontalSpacing(Space.L)
        grid.setVerticalSpacing(Space.S)
        grid.setColumnStretch(0, 1)
        for row, component in enumerate(components):
            grid.addWidget(PlainLabel(component.name, content), row, 0)
            grid.addWidget(PlainLabel(component.version, content, tone=Tone.MUTED), row, 1)
            grid.addWidget(PlainLabel(component.licence, content), row, 2)
        grid.setRowStretch(len(components), 1)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setWidget(content)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFixedHeight(_HEIGHT)
        scroll.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        scroll.setAccessibleName(tr("Licences"))
        self.content.addWidget(scroll)
        close = Button(tr("Close"), self, kind="primary", action=self.accept)
        close.setDefault(True)
        self.set_buttons(close)
        close.setFocus()
