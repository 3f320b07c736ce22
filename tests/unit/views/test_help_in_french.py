"""A French window shows the guide in French: the same chapters, found by French words, and says what is English."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QLocale, Qt, QUrl
from PySide6.QtGui import QTextDocument, QTextFragment
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from smtpy_desktop.core.guide_text import Place
from smtpy_desktop.views.guide_files import read_guide
from smtpy_desktop.views.help_topics import TOPICS
from smtpy_desktop.views.help_window import HelpWindow
from smtpy_desktop.views.widgets.language import use_language
from smtpy_desktop.views.widgets.remembered import MemoryStore


@pytest.fixture
def french(qapp: QApplication) -> Iterator[None]:
    before = QLocale()
    installed = use_language(qapp, "fr")
    yield
    for translator in installed:
        qapp.removeTranslator(translator)
    QLocale.setDefault(before)


@pytest.fixture
def window(french: None, qtbot: QtBot, store: MemoryStore) -> HelpWindow:
    made = HelpWindow(store, open_address=lambda _: False)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_every_topic_leads_to_the_same_heading_in_both_languages(topic: str) -> None:
    english, french = read_guide(), read_guide("fr")

    chapter = french.chapter_at(TOPICS[topic])
    place = french.place_here(TOPICS[topic])

    assert chapter is not None
    assert place.anchor in [heading.anchor for heading in chapter.headings]
    assert _number(french.chapters, chapter) == _number(english.chapters, english.chapter_at(TOPICS[topic]))


def test_help_is_in_french_and_says_where_it_is_not(window: HelpWindow) -> None:
    window.show_help("stripe")
    says_english = [window.language.isVisible()]
    heading = window.text.textCursor().block().text()

    window.show_place(Place("server"))
    says_english.append(window.language.isVisible())

    assert heading == "Le Stripe du bac à sable"
    assert says_english == [False, True]
    assert window.language.text() == "Cette partie du guide est en anglais."


def test_every_link_of_the_french_guide_leads_to_a_heading(window: HelpWindow) -> None:
    followed = 0
    guide = read_guide("fr")
    translated = [one for one in guide.chapters if guide.is_translated(one.document)]
    for chapter in [one for one in translated if "](#" in one.markdown or ".md)" in one.markdown]:
        window.show_place(chapter.place)
        for link in _links(window.text.document()):
            window.show_place(chapter.place)
            window.text.anchorClicked.emit(QUrl(link))
            followed += 1

            assert window.chapter is not None
            assert not window.state.isVisible(), f"{chapter.title}: {link}"
            assert window.chapter.place in _targets(link, chapter.document), f"{chapter.title}: {link}"

    assert followed >= 10


def test_pictures_are_seen_in_the_translation_too(window: HelpWindow) -> None:
    window.show_help("rules")

    pictures = [
        piece.charFormat().toImageFormat().width()
        for piece in _pieces(window.text.document())
        if piece.charFormat().isImageFormat()
    ]

    assert len(pictures) == 1
    assert pictures[0] > 100


def test_words_are_found_and_marked_with_and_without_their_accents(window: HelpWindow, qtbot: QtBot) -> None:
    qtbot.keyClicks(window.search, "cle maitresse")
    qtbot.keyClick(window.search, Qt.Key.Key_Return)

    marked = {mark.cursor.selectedText().lower() for mark in window.text.extraSelections()}

    assert {"clé", "maîtresse"} <= marked
    assert window.state.text().endswith("endroits")


def _number(chapters: tuple[object, ...], chapter: object) -> int:
    return chapters.index(chapter)


def _pieces(document: QTextDocument) -> Iterator[QTextFragment]:
    block = document.begin()
    while block.isValid():
        iterator = block.begin()
        while not iterator.atEnd():
            yield iterator.fragment()
            iterator += 1
        block = block.next()


def _links(document: QTextDocument) -> list[str]:
    return [piece.charFormat().anchorHref() for piece in _pieces(document) if piece.charFormat().isAnchor()]


def _targets(link: str, seen: str) -> list[Place]:
    """Return the chapters that hold what a link names, in the document that it names."""
    name, _, anchor = QUrl(link).toString().partition("#")
    document = name.removesuffix(".md") or seen
    of_document = [one for one in read_guide("fr").chapters if one.document == document]
    holding = [one.place for one in of_document if anchor in [heading.anchor for heading in one.headings]]
    return holding if anchor else [of_document[0].place]
