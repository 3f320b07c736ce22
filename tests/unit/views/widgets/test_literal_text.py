"""Data is shown letter by letter, whatever it looks like."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from smtpy_desktop.errors import FieldError, UserFacingError
from smtpy_desktop.schemas.text import text
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.banner import Banner
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import Card, Notice
from smtpy_desktop.views.widgets.code_block import CodeBlock
from smtpy_desktop.views.widgets.confirm import ConfirmDialog
from smtpy_desktop.views.widgets.empty_state import EmptyState
from smtpy_desktop.views.widgets.error_dialog import ErrorDialog
from smtpy_desktop.views.widgets.form import Form
from smtpy_desktop.views.widgets.key_value import KeyValueList
from smtpy_desktop.views.widgets.label import PlainLabel, plain_tooltip
from smtpy_desktop.views.widgets.message_bar import Message, MessageBar

PAYLOADS = [
    "<b>bold</b>",
    "<img src='file:///etc/passwd'>",
    "=cmd|' /C calc'!A0",
    "100 %s %(x)s {y}",
    "a & b &c",
    "x" * 500,
]


def with_form_error(payload: str) -> QWidget:
    from PySide6.QtWidgets import QLineEdit

    form = Form()
    form.add_field("name", "&Name", QLineEdit(), payload)
    form.show_error(FieldError("name", "X", text("Wrong: {value}", value=payload), suggestion=payload))
    return form


def with_rows(payload: str) -> QWidget:
    rows = KeyValueList()
    rows.add(payload, payload)
    return rows


def with_message(payload: str) -> QWidget:
    bar = MessageBar()
    bar.show_message(Message(payload, Tone.BAD))
    return bar


def with_banner(payload: str) -> QWidget:
    banner = Banner()
    banner.show_banner(payload, payload)
    return banner


MAKERS = {
    "label": PlainLabel,
    "wrapped label": lambda payload: PlainLabel(payload, wrap=True, selectable=True),
    "elided label": lambda payload: PlainLabel(payload, elide=Qt.TextElideMode.ElideRight),
    "card": lambda payload: Card(payload, payload),
    "notice": lambda payload: Notice(payload, payload, Tone.BAD),
    "code block": lambda payload: CodeBlock(payload, payload, remark=payload),
    "empty state": lambda payload: EmptyState("world", payload, payload),
    "confirm": lambda payload: ConfirmDialog(
        None, payload, payload, "Delete", consequences=[payload], type_name=payload
    ),
    "error": lambda payload: ErrorDialog(None, UserFacingError("X", payload, detail=payload, hint=payload), str),
    "form": with_form_error,
    "rows": with_rows,
    "message": with_message,
    "banner": with_banner,
}


@pytest.mark.parametrize("maker", MAKERS.values(), ids=MAKERS.keys())
@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_no_label_takes_data_for_markup(qtbot: QtBot, maker: object, payload: str) -> None:
    widget: QWidget = maker(payload)  # type: ignore[operator]
    qtbot.addWidget(widget)

    labels = [*widget.findChildren(QLabel), *([widget] if isinstance(widget, QLabel) else [])]
    tooltips = [child.toolTip() for child in [widget, *widget.findChildren(QWidget)]]

    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in labels)
    assert not any("<b>" in tooltip or "<img" in tooltip for tooltip in tooltips)


@pytest.mark.parametrize("maker", ["label", "wrapped label", "elided label", "confirm", "error", "form", "empty state"])
def test_nothing_that_shows_data_asks_for_more_than_a_window_has(qtbot: QtBot, maker: str) -> None:
    widget: QWidget = MAKERS[maker]("W" * 400)  # type: ignore[operator]
    qtbot.addWidget(widget)

    assert widget.minimumSizeHint().width() <= 640


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_label_gives_its_text_back_whole(qtbot: QtBot, payload: str) -> None:
    label = PlainLabel(payload, elide=Qt.TextElideMode.ElideRight)
    qtbot.addWidget(label)

    label.resize(QSize(60, 20))

    assert label.text() == payload
    assert label.accessibleName() == payload


def test_what_is_copied_from_a_long_word_is_the_word(qtbot: QtBot) -> None:
    label = PlainLabel("x" * 400, wrap=True, selectable=True)
    qtbot.addWidget(label)
    label.show()
    label.setSelection(0, len(QLabel.text(label)))

    qtbot.keyClick(label, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    assert QGuiApplication.clipboard().text() == "x" * 400


def test_elided_label_shows_the_rest_in_its_tooltip(qtbot: QtBot) -> None:
    label = PlainLabel("<b>a rather long text</b>", elide=Qt.TextElideMode.ElideRight)
    qtbot.addWidget(label)
    label.show()

    label.resize(50, 20)
    narrow = label.toolTip()
    label.resize(label.sizeHint().width(), 20)

    assert "&lt;b&gt;a rather long text" in narrow
    assert not label.toolTip()


def test_tooltip_escapes_what_looks_like_markup() -> None:
    assert "&lt;b&gt;" in plain_tooltip("<b>")
    assert plain_tooltip("") == ""


def test_suggestion_with_an_ampersand_is_shown_on_its_button(qtbot: QtBot) -> None:
    widget = with_form_error("a & b")
    qtbot.addWidget(widget)

    button = next(button for button in widget.findChildren(Button) if button.property("kind") == "link")

    assert button.accessibleName() == "Use a & b"
