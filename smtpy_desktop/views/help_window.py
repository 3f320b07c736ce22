"""The window of the guide: contents and search at the side, the chapter that was asked for beside it."""

from __future__ import annotations

from itertools import islice

from PySide6.QtCore import QByteArray, QEvent, QSize, Qt, QTimer, QUrl
from PySide6.QtGui import QCloseEvent, QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QTextBrowser, QTextEdit, QVBoxLayout, QWidget

from smtpy_desktop.core.folded_text import folded, telling
from smtpy_desktop.core.guide_text import Chapter, Guide, Place, link_target, may_open
from smtpy_desktop.views.browser import OpenAddress, open_in_browser
from smtpy_desktop.views.guide_document import GuideDocument
from smtpy_desktop.views.guide_files import read_guide
from smtpy_desktop.views.help_contents import HelpContents
from smtpy_desktop.views.help_topics import FIRST, TOPICS
from smtpy_desktop.views.icons import app_icon
from smtpy_desktop.views.shortcuts import Shortcut, bind
from smtpy_desktop.views.theme_dress import dress
from smtpy_desktop.views.theme_tokens import Metric, Space, Tone, current_colors
from smtpy_desktop.views.widgets.accessibility import announce
from smtpy_desktop.views.widgets.buttons import Button, IconButton
from smtpy_desktop.views.widgets.filter_box import FilterBox
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.language import window_language
from smtpy_desktop.views.widgets.profile_mark import ProfileBand, with_profile
from smtpy_desktop.views.widgets.remembered import Store
from smtpy_desktop.views.widgets.tab_order import follow, go_on
from smtpy_desktop.views.widgets.texts import tr, tr_n
from smtpy_desktop.views.widgets.window_place import take_place

_SIZE = (1020, 720)
_CONTENTS_WIDTH = 270
_MOST_BACK = 100
_MOST_MARKS = 500


class HelpWindow(QWidget):
    """A window of its own beside the main one; a dialog that is open does not lock it."""

    def __init__(
        self, store: Store, *, guide: Guide | None = None, open_address: OpenAddress = open_in_browser
    ) -> None:
        super().__init__(None, Qt.WindowType.Window)
        dress(self)
        self._store, self._open_address = store, open_address
        self._guide = guide if guide is not None else read_guide(window_language())
        self._chapter: Chapter | None = None
        self._before: list[Place] = []
        self.setObjectName("page")
        self.setWindowTitle(f"{with_profile(tr('Guide'))} · SMTPy Desktop")
        self.setWindowIcon(app_icon())
        ProfileBand(self).lie_over(self)
        self.search = FilterBox(tr("Search the guide"), "", (140, 600), self)
        self.contents = HelpContents(self)
        self.text = QTextBrowser(self)
        self._build()
        self._connect()
        self._restore()
        self.show_place(FIRST)

    @property
    def chapter(self) -> Chapter | None:
        """What is read."""
        return self._chapter

    def show_help(self, topic: str) -> None:
        """Show the window at what belongs to a page or a dialog; where nothing does, at its beginning."""
        self.search.clear()
        self.show_place(TOPICS.get(topic, FIRST))
        self.show()
        self.raise_()
        self.activateWindow()
        self.text.setFocus()

    def show_place(self, place: Place) -> None:
        """Show a chapter, scrolled to the heading that was asked for."""
        chapter = self._guide.chapter_at(place)
        if chapter is None:
            return
        place = self._guide.place_here(place)
        if self._chapter is not None and self._chapter is not chapter:
            self._before = [*self._before[-_MOST_BACK:], self._chapter.place]
        if self._chapter is not chapter:
            self._chapter = chapter
            self._set_document(chapter)
        self._mark_found()
        self._scroll_to(place)
        self._show_state()

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002 - Qt's name
        return go_on(self, forward=next) or super().focusNextPrevChild(next)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._store.setValue("help/geometry", self.saveGeometry())
        self._store.setValue("help/splitter", self._splitter.saveState())
        super().closeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and self._chapter is not None:
            self._set_document(self._chapter)

    # Building

    def _build(self) -> None:
        self.text.setObjectName("guide")
        self.text.setAccessibleName(tr("Guide"))
        self.text.setOpenLinks(False)
        words = tr("This part of the guide is in English.")
        self.language = PlainLabel(words, self, tone=Tone.MUTED, size="small", wrap=True)
        self.state = PlainLabel("", self, tone=Tone.MUTED, size="small", elide=Qt.TextElideMode.ElideRight)
        self.back_button = IconButton("chevron-left", tr("Back"), self, action=self.go_back)
        self.previous_button = Button("", self, kind="link", action=lambda: self._go(-1))
        self.next_button = Button("", self, kind="link", action=lambda: self._go(1))
        side = QWidget(self)
        column = QVBoxLayout(side)
        column.setContentsMargins(Space.L, Space.L, Space.S, Space.M)
        column.setSpacing(Space.S)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(self.back_button)
        row.addWidget(self.search, 1)
        column.addLayout(row)
        column.addWidget(self.state)
        column.addWidget(self.contents, 1)
        column.addWidget(self.language)
        self._splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(Metric.BORDER)
        self._splitter.addWidget(side)
        self._splitter.addWidget(self._reading())
        self._splitter.setStretchFactor(1, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._splitter)
        follow(self)

    def _reading(self) -> QWidget:
        reading = QWidget(self)
        reading.setObjectName("guidePane")
        column = QVBoxLayout(reading)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.text, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(Space.XL, Space.S, Space.XL, Space.S)
        foot.addWidget(self.previous_button)
        foot.addStretch(1)
        foot.addWidget(self.next_button)
        column.addLayout(foot)
        return reading

    def _connect(self) -> None:
        self.search.applied.connect(self._on_search)
        self.search.left.connect(self._on_search_left)
        self.contents.chosen.connect(self.show_place)
        self.text.anchorClicked.connect(self._on_link)
        bind(self, Shortcut.FIND.keys, self.search.take_focus)
        bind(self, Shortcut.GO_BACK.keys, self.go_back)
        bind(self, Shortcut.BACK.keys, self._on_escape)

    def _restore(self) -> None:
        geometry, splitter = self._store.value("help/geometry"), self._store.value("help/splitter")
        take_place(self, geometry, QSize(*_SIZE))
        if not (isinstance(splitter, QByteArray) and self._splitter.restoreState(splitter)):
            self._splitter.setSizes([_CONTENTS_WIDTH, _SIZE[0] - _CONTENTS_WIDTH])
        self._splitter.setChildrenCollapsible(False)

    # Reading

    def go_back(self) -> None:
        """Show what was read before."""
        if self._before:
            place = self._before.pop()
            kept = self._before
            self.show_place(place)
            self._before = kept
            self._show_state()

    def _go(self, step: int) -> None:
        neighbour = self._guide.neighbour(self._chapter, step) if self._chapter is not None else None
        if neighbour is not None:
            self.show_place(neighbour.place)

    def _set_document(self, chapter: Chapter) -> None:
        document = GuideDocument(chapter.markdown)
        document.setParent(self.text)
        self.text.setDocument(document)  # which deletes the one before, as that is its child

    def _scroll_to(self, place: Place) -> None:
        """Bring the heading to the top, once the text has been laid out."""
        chapter, document = self._chapter, self.text.document()
        if chapter is None or not isinstance(document, GuideDocument):
            return
        anchors = [heading.anchor for heading in chapter.headings]
        number = anchors.index(place.anchor) if place.anchor in anchors else 0
        position = document.heading_position(number) if number else 0

        def scroll() -> None:
            if self.text.document() is not document:
                return
            cursor = QTextCursor(document)
            cursor.setPosition(position)
            self.text.setTextCursor(cursor)
            bar = self.text.verticalScrollBar()
            bar.setValue(bar.value() + self.text.cursorRect(cursor).top() - Space.L if position else 0)

        scroll()
        QTimer.singleShot(0, self, scroll)

    def _mark_found(self) -> None:
        """Mark the words that are searched wherever they stand in the chapter."""
        marks: list[QTextEdit.ExtraSelection] = []
        look = QTextCharFormat()
        look.setBackground(QColor(current_colors().warn_tint))
        for start, end in self._found_places():
            mark = QTextEdit.ExtraSelection()
            mark.cursor, mark.format = QTextCursor(self.text.document()), look
            mark.cursor.setPosition(start)
            mark.cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            marks.append(mark)
        self.text.setExtraSelections(marks)

    def _found_places(self) -> list[tuple[int, int]]:
        document, wanted = self.text.document(), folded(self.search.text()).split()
        if not (wanted and isinstance(document, GuideDocument)):
            return []
        return list(islice((place for word in telling(wanted) for place in document.places_of(word)), _MOST_MARKS))

    def _show_state(self) -> None:
        if self._chapter is None:
            return
        is_foreign = window_language() != "en" and not self._guide.is_translated(self._chapter.document)
        self.language.setVisible(is_foreign)
        self.back_button.setEnabled(bool(self._before))
        for button, step, arrow in ((self.previous_button, -1, "← {title}"), (self.next_button, 1, "{title} →")):
            neighbour = self._guide.neighbour(self._chapter, step)
            button.setVisible(neighbour is not None)
            if neighbour is not None:
                button.set_text(arrow.format(title=neighbour.title).replace("&", "&&"))
        if not self.search.text().strip():
            if self.contents.count() == 0 or self.state.isVisibleTo(self):
                self.contents.show_chapters(self._guide, self._chapter.place)
            self.state.hide()
            self.contents.show_current(self._chapter.place)

    def _on_search(self, words: str) -> None:
        self._mark_found()
        if not words.strip():
            self.state.show()
            self._show_state()
            return
        found = self._guide.search(words)
        self.contents.show_found(found)
        told = tr_n("{n} place", "{n} places", len(found))
        self.state.setText(told)
        self.state.show()
        announce(self.search, told)

    def _on_search_left(self) -> None:
        place = self.contents.first_place()
        if self.search.text().strip() and place is not None:
            self.contents.setFocus()
            self.show_place(place)

    def _on_link(self, link: QUrl) -> None:
        address = link.toString()
        place = link_target(address, self._chapter.document if self._chapter is not None else "")
        if place is not None:
            self.show_place(place)
        elif not (may_open(address) and self._open_address(address)):
            # What is no address at all is empty here.
            self.state.setText(tr("{address} is not opened from here.", address=address or "…"))
            self.state.show()

    def _on_escape(self) -> None:
        if self.search.text():
            self.search.clear()
        else:
            self.close()
