"""A page with a details pane at its end: remembered width, opened and closed by key."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtWidgets import QFrame, QLayout, QSplitter, QVBoxLayout, QWidget

from smtpy_desktop.views.theme_tokens import Metric, Space
from smtpy_desktop.views.widgets.blank_hint import BlankHint
from smtpy_desktop.views.widgets.remembered import Store
from smtpy_desktop.views.widgets.scroll_column import ScrollColumn
from smtpy_desktop.views.widgets.texts import tr

_MIN_MAIN_WIDTH = 420
_MIN_DETAILS_WIDTH = 320


class SplitPage(QSplitter):
    """Layouts for the page to fill: ``main``, and in the pane ``details_head`` and ``details_foot`` around ``details``.

    ``fill`` and ``fill_details`` do that where there is a list with the details of what is selected.
    ``details`` scrolls; where nothing is in the pane a sentence stands there (``blank_hint``).
    ``details_toggled(bool)``: the pane was opened or closed.
    """

    details_toggled = Signal(bool)

    def __init__(
        self, name: str, store: Store, parent: QWidget | None = None, *, details_width: int = Metric.DETAILS_WIDTH
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._details_width = details_width
        self._key = f"pages/{name}"
        self._store = store
        self.setHandleWidth(Space.XS)
        self.setChildrenCollapsible(False)
        main_widget = QWidget(self)
        self.main = QVBoxLayout(main_widget)
        self.main.addStrut(_MIN_MAIN_WIDTH)  # at least; what is in it may need more
        self.main.setContentsMargins(Space.PAGE, Space.L, Space.PAGE - Space.XS, Space.L)
        self.main.setSpacing(Space.M)
        self._pane = QFrame(self)
        self._pane.setObjectName("detailsPane")
        self._pane.setAccessibleName(tr("Details"))
        self.details_head, self.details_foot = QVBoxLayout(), QVBoxLayout()
        self._scrolled = scrolled = ScrollColumn(tr("Details"), self._pane)
        self.details = scrolled.column
        self.details.setContentsMargins(Space.PAGE, 0, Space.PAGE, 0)
        scrolled.verticalScrollBar().rangeChanged.connect(self._make_room_for_scroll_bar)
        for layout in (self.details_head, self.details_foot):
            layout.setContentsMargins(Space.PAGE, 0, Space.PAGE, 0)
            layout.setSpacing(Space.S)
        pane = QVBoxLayout(self._pane)
        pane.addStrut(_MIN_DETAILS_WIDTH)
        pane.setContentsMargins(0, Space.L, 0, Space.L)
        pane.setSpacing(Space.M)
        pane.addLayout(self.details_head)
        pane.addWidget(scrolled, 1)
        pane.addLayout(self.details_foot)
        self.blank_hint = BlankHint(self._pane, scrolled.content)
        self.addWidget(main_widget)
        self.addWidget(self._pane)
        self.setStretchFactor(0, 1)
        self.setStretchFactor(1, 0)
        self._restore()
        self.splitterMoved.connect(self._remember)

    @property
    def details_shown(self) -> bool:
        """Whether the details pane is open."""
        return not self._pane.isHidden()

    def show_details(self, shown: bool) -> None:
        """Open or close the details pane."""
        if shown != self.details_shown:
            self._pane.setVisible(shown)
            self._store.setValue(f"{self._key}/details", "yes" if shown else "no")
            self.details_toggled.emit(shown)

    def toggle_details(self) -> None:
        """Open the pane when it is closed and the other way round."""
        self.show_details(not self.details_shown)

    def fill(self, page: QWidget, *parts: QWidget | QLayout) -> None:
        """Fill a page, and its main part with what is below each other there; the last one has the room left."""
        outer = QVBoxLayout(page)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self)
        self.main.setSpacing(Space.S + 2)
        for part in parts:
            if isinstance(part, QLayout):
                self.main.addLayout(part)
            else:
                self.main.addWidget(part)
        self.main.setStretch(self.main.count() - 1, 1)

    def fill_details(self, head: QWidget, body: QWidget, foot: QWidget | None = None) -> None:
        """Fill the pane; the body scrolls."""
        self.details_head.addWidget(head)
        self.details.addWidget(body)
        if foot is not None:
            self.details_foot.addWidget(foot)

    def show_top(self) -> None:
        """Scroll what is in the pane back to where it begins."""
        self._scrolled.verticalScrollBar().setValue(0)

    def _restore(self) -> None:
        self._pane.setVisible(self._store.value(f"{self._key}/details", "yes") != "no")
        state = self._store.value(f"{self._key}/splitter")
        if not (isinstance(state, QByteArray) and self.restoreState(state)):
            self.setSizes([10_000, self._details_width])
        self.setChildrenCollapsible(False)

    def _make_room_for_scroll_bar(self, _lowest: int, highest: int) -> None:
        """Let the bar stand in the margin, so that nothing moves when it comes and edges stay in line."""
        self.details.setContentsMargins(Space.PAGE, 0, Space.PAGE - (Metric.SCROLL_BAR if highest else 0), 0)

    def _remember(self) -> None:
        self._store.setValue(f"{self._key}/splitter", self.saveState())
