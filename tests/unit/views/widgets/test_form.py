"""A failure is shown beside the field that caused it, and nothing that was typed is lost."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit
from pytestqt.qtbot import QtBot

from smtpy_desktop.errors import FieldError, UserFacingError
from smtpy_desktop.schemas.text import text
from smtpy_desktop.views.widgets.form import Form
from smtpy_desktop.views.widgets.number_box import NumberBox

PASTED = FieldError(
    "name",
    "DOMAIN_PASTED_URL",
    text("This is a web address."),
    hint=text("Give the name alone."),
    suggestion="example.com",
)


@pytest.fixture
def form(qtbot: QtBot) -> Form:
    form = Form()
    form.add_field("name", "&Domain", QLineEdit(), "What stands after the @.")
    form.add_field("port", "&Port", NumberBox(1, 65535, 5432))
    form.add_field("tls", "&TLS", _combo())
    form.add_field("list", "&Resolvers", QPlainTextEdit())
    qtbot.addWidget(form)
    form.show()
    return form


def _combo() -> QComboBox:
    combo = QComboBox()
    combo.addItems(["verify-full", "require"])
    return combo


def test_error_stands_beside_its_field_and_the_input_stays(form: Form, qtbot: QtBot) -> None:
    qtbot.keyClicks(form.field("name").editor, "https://example.com/")

    form.show_error(PASTED)

    assert form.errors == {"name": "This is a web address. Give the name alone."}
    assert form.texts()["name"] == "https://example.com/"
    assert form.field("name").editor.property("invalid")


def test_suggestion_is_taken_over_by_its_button(form: Form, qtbot: QtBot) -> None:
    form.show_error(PASTED)

    qtbot.mouseClick(form.field("name").use_suggestion_button, Qt.MouseButton.LeftButton)

    assert form.texts()["name"] == "example.com"
    assert form.errors == {}


def test_error_goes_when_its_field_is_edited(form: Form, qtbot: QtBot) -> None:
    form.show_error(PASTED)

    qtbot.keyClicks(form.field("name").editor, "x")

    assert form.errors == {}
    assert not form.field("name").editor.property("invalid")


def test_error_of_no_field_stands_above_the_form(form: Form) -> None:
    form.show_error(UserFacingError("BUSY", text("The server is busy."), hint=text("Try again.")))

    assert form.errors == {"": "The server is busy."}


def test_error_of_an_unknown_field_is_not_lost(form: Form) -> None:
    form.show_error(FieldError("elsewhere", "X", text("Not good.")))

    assert form.errors == {"": "Not good."}


def test_what_is_read_out_names_the_field_and_its_error(form: Form) -> None:
    editor = form.field("name").editor
    before = editor.accessibleDescription()

    form.show_error(PASTED)

    assert editor.accessibleName() == "Domain"
    assert before == "What stands after the @."
    assert editor.accessibleDescription().startswith("This is a web address.")


def test_texts_are_put_back_into_every_kind_of_field(form: Form) -> None:
    texts = {"name": "a.example", "port": "25", "tls": "require", "list": "9.9.9.9:53\n1.1.1.1:53"}

    form.restore({**texts, "gone": "x"})

    assert form.texts() == texts


def test_return_in_a_line_sends_the_form(form: Form, qtbot: QtBot) -> None:
    with qtbot.waitSignal(form.submitted):
        qtbot.keyClick(form.field("name").editor, Qt.Key.Key_Return)
