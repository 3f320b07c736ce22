"""The window: top bar, pages at the side, the page that is seen, messages and running tasks below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QByteArray, QObject, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QMoveEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from smtpy_desktop.views.command_palette import PaletteEntry
from smtpy_desktop.views.icons import app_icon
from smtpy_desktop.views.lazy_page import LazyPage
from smtpy_desktop.views.shortcuts import Shortcut, bind, key_text, page_keys, shortcut_groups
from smtpy_desktop.views.shortcuts_dialog import ShortcutsDialog
from smtpy_desktop.views.sidebar import PageGroup, Sidebar
from smtpy_desktop.views.theme_dress import dress
from smtpy_desktop.views.theme_tokens import Metric, Tone
from smtpy_desktop.views.top_bar import TopBar
from smtpy_desktop.views.widgets.banner import Banner
from smtpy_desktop.views.widgets.message_bar import Message, MessageBar
from smtpy_desktop.views.widgets.profile_mark import ProfileBand, current_profile, window_name
from smtpy_desktop.views.widgets.remembered import Store
from smtpy_desktop.views.widgets.single_shot import single_shot
from smtpy_desktop.views.widgets.tab_order import follow, go_on
from smtpy_desktop.views.widgets.tasks_panel import TasksPanel
from smtpy_desktop.views.widgets.texts import tr

_PRODUCT_NAME = "SMTPy"
_TITLE = "SMTPy Desktop"
_MIN_SIZE = QSize(900, 600)
_FIRST_SIZE = QSize(1280, 800)
_PAGES_WITH_KEYS = 9
_REMEMBER_MILLISECONDS = 1000

Action = Callable[[], object]


@dataclass(frozen=True, slots=True)
class PageActions:
    """What the window's keys do on a page: Ctrl+N, F5, Ctrl+F and Esc; what is None does nothing there.

    ``back`` may return False to say that there was nothing to go back from.
    """

    new: Action | None = None
    refresh: Action | None = None
    find: Action | None = None
    back: Action | None = None


@dataclass(slots=True)
class _PageEntry:
    title: str
    icon: str
    widget: QWidget
    actions: PageActions | Callable[[], PageActions]
    line: tuple[str, str] = ("", "")
    shortcut: QObject | None = None


class MainWindow(QMainWindow):
    """The shell that pages are added to; it knows none of them.

    ``page_shown(str)``: another page is seen. ``closing``: the window is about to go. ``quit_wanted``:
    the program is to end, and not the window alone. ``help_wanted(str)``: the guide,
    at what belongs to a page or a dialog. ``log_wanted(LogQuery | None)``: the log, at certain lines.
    """

    page_shown = Signal(str)
    closing = Signal()
    quit_wanted = Signal()
    help_wanted = Signal(str)
    log_wanted = Signal(object)

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._pages: dict[str, _PageEntry] = {}
        self._current = ""
        self._page_seen_last = store.value("window/page")
        self._cover: QWidget | None = None
        self._may_close: list[Callable[[], bool]] = []
        self._commands: list[PaletteEntry] = []
        self.profile_band = ProfileBand(self)
        self.setWindowIcon(app_icon())
        self.setMinimumSize(_MIN_SIZE)
        self.top_bar = TopBar(_PRODUCT_NAME, self)
        self.banner = Banner(self)
        self.sidebar = Sidebar(self)
        self.messages = MessageBar(self)
        self.show_profile()
        self.tasks = TasksPanel(self)
        self._stack = QStackedWidget(self)
        self._remember_soon = single_shot(self, self._remember_geometry, _REMEMBER_MILLISECONDS)
        self._lay_out()
        self.sidebar.page_chosen.connect(self.show_page)
        self.top_bar.search.set_entries(self._palette_entries)
        self._bind_keys()
        self._restore_geometry()

    # Pages

    def add_page(
        self,
        page_id: str,
        title: str,
        icon: str,
        widget: QWidget,
        *,
        group: PageGroup = "main",
        actions: PageActions | Callable[[], PageActions] | None = None,
    ) -> None:
        """Add a page at the end of its group; the first one is shown, then the one that was seen last.

        ``actions`` of a page that is made later are asked for when they are needed.
        """
        number = len(self._main_pages()) + 1
        keys = Shortcut.SETTINGS.keys if group == "bottom" else page_keys(number)
        has_key = group == "bottom" or number <= _PAGES_WITH_KEYS
        self._pages[page_id] = _PageEntry(title, icon, widget, actions or PageActions())
        self._stack.addWidget(widget)
        if not isinstance(widget, LazyPage):
            dress(widget)
        self.sidebar.add(page_id, title, icon, key_text(keys) if has_key else "", group)
        follow(self.top_bar, self.banner, self.sidebar, widget)
        if isinstance(widget, LazyPage):
            widget.made.connect(partial(follow, self.sidebar, widget))
        self.sidebar.item(page_id).setProperty("group", group)
        self.sidebar.item(page_id).set_collapsed(self.width() < Metric.COLLAPSE_BELOW)
        if has_key:
            self._pages[page_id].shortcut = bind(self, keys, partial(self.show_page, page_id))
        if not self._current or page_id == self._page_seen_last:
            self.show_page(page_id)

    def show_page(self, page_id: str) -> None:
        """Show a page and give it the keyboard."""
        entry = self._pages[page_id]
        changed = page_id != self._current
        self._current = page_id
        self._stack.setCurrentWidget(entry.widget)
        self.sidebar.show_current(page_id)
        self.messages.set_page_line(*entry.line)
        self._show_title()
        self._store.setValue("window/page", page_id)
        focused = QApplication.focusWidget()
        if changed and (focused is None or not self.sidebar.isAncestorOf(focused)):
            _give_focus(entry.widget)
        if changed:
            self.page_shown.emit(page_id)

    @property
    def current_page(self) -> str:
        """The id of the page that is seen."""
        return self._current

    def set_count(self, page_id: str, count: int, tone: Tone = Tone.MUTED, meaning: str = "") -> None:
        """Show a count behind the name of a page in the side bar; ``meaning`` tells in words what is counted."""
        self.sidebar.set_count(page_id, count, tone, meaning)

    def set_page_line(self, page_id: str, left: str, right: str = "") -> None:
        """Set what the bottom line says about a page: "1 of 38 selected", and at its end "Re-check in 52 min"."""
        self._pages[page_id].line = (left, right)
        if page_id == self._current:
            self.messages.set_page_line(left, right)

    def remove_pages(self) -> None:
        """Take all pages away, before those of another database are added; the one that is seen is shown again then."""
        self._page_seen_last = self._current
        for page_id, entry in self._pages.items():
            self.sidebar.remove(page_id)
            self._stack.removeWidget(entry.widget)
            entry.widget.deleteLater()
            if entry.shortcut is not None:
                entry.shortcut.deleteLater()
        self._pages.clear()
        self._current = ""

    def show_profile(self) -> None:
        """Show by name and colour which profile this is."""
        profile = current_profile()
        self.profile_band.show_profile(profile)
        self.top_bar.profile.show_profile(profile)
        self.messages.show_start(is_start=self._cover is not None)
        self._show_title()

    def set_cover(self, cover: QWidget | None) -> None:
        """Cover everything but the messages with one widget until there are pages to be seen; None uncovers them."""
        for hidden in (self.top_bar, self.sidebar, self._stack):
            hidden.setVisible(cover is None)
        if self._cover is not None and self._cover is not cover:
            self._cover.hide()
        if cover is not None:
            dress(cover)
            self._column.insertWidget(0, cover, 1)
            follow(cover)
            cover.show()
        self._cover = cover
        self.messages.show_start(is_start=cover is not None)

    # What pages and the composition root tell the user

    def show_message(self, message: Message) -> None:
        """Show a message in the bottom line."""
        self.messages.show_message(message)

    def set_status(self, part: str, word: str, tone: Tone, detail: str = "") -> None:
        """Show how a part of the program is doing."""
        self.top_bar.set_status(part, word, tone, detail)
        follow(self.top_bar)
        self.top_bar.set_compact(self.width() < Metric.COLLAPSE_BELOW)

    def add_command(self, entry: PaletteEntry) -> None:
        """Add something to do to the search box."""
        self._commands.append(entry)

    def clear_commands(self) -> None:
        """Forget everything to do that was added to the search box."""
        self._commands.clear()

    def show_shortcuts(self) -> ShortcutsDialog:
        """Open the list of shortcuts."""
        dialog = ShortcutsDialog(self, shortcut_groups([entry.title for entry in self._main_pages()]))
        dialog.open()
        return dialog

    def ask_for_help(self) -> None:
        """Want the guide at what belongs to the page that is seen."""
        self.help_wanted.emit(self._current if self._cover is None else "start")

    def ask_before_closing(self, may_close: Callable[[], bool], *, is_first: bool = False) -> None:
        """Let a page keep the window open while it asks the user; it closes the window itself when that is decided.

        With ``is_first`` it is asked before all others.
        """
        self._may_close.insert(0 if is_first else len(self._may_close), may_close)

    def _show_title(self) -> None:
        page = self._pages.get(self._current)
        parts = (page.title if page is not None else "", window_name(), _TITLE)
        self.setWindowTitle(" · ".join(part for part in parts if part))

    # Qt

    def moveEvent(self, event: QMoveEvent) -> None:
        super().moveEvent(event)
        self._remember_soon.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._remember_soon.start()
        narrow = self.width() < Metric.COLLAPSE_BELOW
        self.sidebar.set_collapsed(narrow)
        self.top_bar.set_compact(narrow)
        self.top_bar.search.hide_palette()

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002 - Qt's name
        return go_on(self, forward=next) or super().focusNextPrevChild(next)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not all(may_close() for may_close in self._may_close):
            event.ignore()
            return
        self._remember_geometry()
        self.closing.emit()
        super().closeEvent(event)

    def _lay_out(self) -> None:
        center = QWidget(self)
        outer = QVBoxLayout(center)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.profile_band)
        outer.addWidget(self.top_bar)
        outer.addWidget(self.banner)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.sidebar)
        self._column = column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self._stack, 1)
        column.addWidget(self.tasks)
        column.addWidget(self.messages)
        row.addLayout(column, 1)
        outer.addLayout(row, 1)
        self.setCentralWidget(center)
        for part in (self.top_bar, self.banner, self.sidebar, self.tasks, self.messages):
            dress(part)
        follow(center)

    def _remember_geometry(self) -> None:
        """Not only when the window is closed: a killed program must find its place again."""
        self._store.setValue("window/geometry", self.saveGeometry())

    def _restore_geometry(self) -> None:
        state = self._store.value("window/geometry")
        if not (isinstance(state, QByteArray) and self.restoreGeometry(state)):
            self.resize(_FIRST_SIZE)
        # The screen may be smaller than the first size, or than the one the window was last seen on.
        self.resize(self.size().boundedTo(self.screen().availableSize()))

    def _bind_keys(self) -> None:
        bind(self, Shortcut.SEARCH.keys, self._open_search)
        bind(self, Shortcut.HELP.keys, self.show_shortcuts)
        bind(self, Shortcut.GUIDE.keys, self.ask_for_help)
        bind(self, Shortcut.NEW.keys, lambda: self._on_page(lambda actions: actions.new))
        bind(self, Shortcut.REFRESH.keys, lambda: self._on_page(lambda actions: actions.refresh))
        bind(self, Shortcut.FIND.keys, lambda: self._on_page(lambda actions: actions.find))
        bind(self, Shortcut.NEXT_PANE.keys, self._focus_next_part)
        bind(self, Shortcut.BACK.keys, self._go_back)
        bind(self, Shortcut.QUIT.keys, self.quit_wanted.emit)

    def _open_search(self) -> None:
        if self._cover is None:  # what it finds is not there yet
            self.top_bar.search.open()

    def _on_page(self, choose: Callable[[PageActions], Action | None]) -> None:
        action = choose(self._actions())
        if action is not None:
            action()

    def _go_back(self) -> None:
        """Esc: leave the search, else what the page wants, else dismiss the message."""
        if self.top_bar.search.hasFocus():
            self.top_bar.search.close_palette()
            _give_focus(self._stack)
            return
        back = self._actions().back
        if back is None or back() is False:
            self.messages.dismiss()

    def _actions(self) -> PageActions:
        """What the keys do on the page that is seen."""
        entry = self._pages.get(self._current)
        actions = entry.actions if entry is not None else PageActions()
        return actions() if callable(actions) else actions

    def _focus_next_part(self) -> None:
        """F6: search, pages, page, messages, and round again."""
        parts: list[QWidget] = [self.top_bar, self.sidebar, self._stack, self.messages]
        focused = QApplication.focusWidget()
        here = next((n for n, part in enumerate(parts) if focused is not None and part.isAncestorOf(focused)), -1)
        for step in range(1, len(parts) + 1):
            if _give_focus(parts[(here + step) % len(parts)]):
                return

    def _main_pages(self) -> list[_PageEntry]:
        return [e for page_id, e in self._pages.items() if self.sidebar.item(page_id).property("group") == "main"]

    def _palette_entries(self) -> Sequence[PaletteEntry]:
        pages = [
            PaletteEntry(entry.title, partial(self.show_page, page_id), entry.icon, tr("Page"))
            for page_id, entry in self._pages.items()
        ]
        return [*pages, *self._commands]


def _give_focus(part: QWidget) -> bool:
    """Give the keyboard to the widget that had it last in a part of the window, or to the first that takes it."""
    proxy = part.focusProxy()
    if proxy is not None and proxy.isVisibleTo(part):
        proxy.setFocus(Qt.FocusReason.TabFocusReason)
        return True
    for widget in part.findChildren(QWidget):
        if widget.isVisibleTo(part) and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            widget.setFocus(Qt.FocusReason.TabFocusReason)
            return True
    return False
