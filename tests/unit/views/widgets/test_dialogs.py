"""Questions name what goes, Cancel is the default, nothing blocks, and a fault is shown once."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from smtpy_desktop.core.visible_text import LINE_BREAK, visible_line
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.log_lines import LogQuery
from smtpy_desktop.schemas.text import text
from smtpy_desktop.views.main_window import MainWindow
from smtpy_desktop.views.widgets.confirm import ConfirmDialog, confirm
from smtpy_desktop.views.widgets.copy_button import CopyButton
from smtpy_desktop.views.widgets.crash_dialog import CrashReporter, fault_code
from smtpy_desktop.views.widgets.error_dialog import ErrorDialog
from smtpy_desktop.views.widgets.remembered import MemoryStore
from tests.helpers.audit_literal import not_literal
from tests.helpers.message_recorder import MessageRecorder

HOSTILE = (
    '<a href="javascript:alert(1)">here</a>',
    '<img src="file:///etc/passwd">',
    "<table><tr><td>cell</td></tr></table>",
    "a & b &amp; &lt;b&gt;",
    "\u202egnp.exe",
    "two\r\nlines\u2028three",
    "nothing \x00 at \ufffd all",
    "x" * 10_000,
)

LEFT = Qt.MouseButton.LeftButton
TRACE = 'Traceback (most recent call last):\n  File "a.py", line {line}, in f\nValueError: {value}'


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.show()
    return parent


def mask(report: str) -> str:
    return report.replace("hunter2", "***")


def texts_of(dialog: QWidget) -> list[str]:
    return [label.text() for label in dialog.findChildren(QLabel)]


def test_question_returns_at_once_and_acts_when_the_user_agrees(parent: QWidget, qtbot: QtBot) -> None:
    done = MessageRecorder()
    dialog = confirm(parent, "Deactivate a.example?", "Mail is refused then.", "Deactivate", done)
    before = len(done.calls)

    qtbot.mouseClick(dialog.action_button, LEFT)

    assert (before, len(done.calls)) == (0, 1)


def test_return_and_escape_mean_cancel(parent: QWidget, qtbot: QtBot) -> None:
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Escape):
        done = MessageRecorder()
        dialog = confirm(parent, "Delete?", "", "Delete", done)

        with qtbot.waitSignal(dialog.rejected):
            qtbot.keyClick(dialog, key)

        assert done.calls == []


def test_return_presses_the_button_that_has_the_focus_and_not_the_default_one(parent: QWidget, qtbot: QtBot) -> None:
    done = MessageRecorder()
    dialog = confirm(parent, "Delete?", "", "Delete", done)

    with qtbot.waitSignal(dialog.accepted):
        qtbot.keyClick(dialog.action_button, Qt.Key.Key_Return)

    assert len(done.calls) == 1


def test_what_goes_with_it_is_listed(parent: QWidget) -> None:
    dialog = ConfirmDialog(parent, "Delete a.example?", "", "Delete", consequences=["12 aliases", "3,401 messages"])

    assert {"12 aliases", "3,401 messages"} <= set(texts_of(dialog))


@pytest.mark.parametrize(
    ("typed", "enabled"), [("", False), ("a.exampl", False), ("a.example", True), (" A.Example ", True)]
)
def test_wide_deletion_wants_the_name_typed(parent: QWidget, qtbot: QtBot, typed: str, enabled: bool) -> None:
    dialog = ConfirmDialog(parent, "Delete a.example?", "", "Delete", type_name="a.example")
    assert isinstance(dialog.name_edit, QLineEdit)

    qtbot.keyClicks(dialog.name_edit, typed)

    assert dialog.action_button.isEnabled() is enabled


def test_error_says_what_why_what_next_and_its_code(parent: QWidget) -> None:
    error = UserFacingError(
        "DNS_TIMEOUT", text("No answer."), detail=text("9.9.9.9 is silent."), hint=text("Try again.")
    )

    dialog = ErrorDialog(parent, error, mask)

    assert [label for label in texts_of(dialog) if label] == [
        "No answer.",
        "9.9.9.9 is silent.",
        "Try again.",
        "Code: DNS_TIMEOUT",
    ]


def test_copied_report_has_no_secret_and_names_the_cause(parent: QWidget, qtbot: QtBot) -> None:
    error = UserFacingError("DB", text("No connection with {password}.", password="hunter2"))
    error.__cause__ = OSError("refused hunter2")
    dialog = ErrorDialog(parent, error, mask)

    qtbot.mouseClick(dialog.copy_button, LEFT)

    assert QGuiApplication.clipboard().text() == "DB: No connection with ***.\ncaused by OSError: refused ***"
    assert "hunter2" not in dialog.details.toPlainText()


def test_details_are_folded_until_they_are_wanted(parent: QWidget, qtbot: QtBot) -> None:
    dialog = ErrorDialog(parent, UserFacingError("X", "a"), mask)
    before = dialog.details.isHidden()

    qtbot.mouseClick(dialog.details_button, LEFT)

    assert before
    assert not dialog.details.isHidden()


def test_same_fault_is_shown_once_whatever_its_values(parent: QWidget) -> None:
    reporter = CrashReporter(parent, mask)

    shown = [reporter.report(TRACE.format(line=line, value=value)) for line, value in ((3, "a"), (3, "b"), (4, "a"))]

    assert [dialog is not None for dialog in shown] == [True, False, True]
    for dialog in shown:
        if dialog is not None:
            dialog.close()


def test_copy_button_copies_the_present_value_and_says_so(parent: QWidget, qtbot: QtBot) -> None:
    value = "old"
    button = CopyButton(lambda: value, "the SPF value", parent)
    value = "v=spf1 -all"

    qtbot.mouseClick(button, LEFT)

    assert QGuiApplication.clipboard().text() == "v=spf1 -all"
    assert button.shows_success
    assert button.accessibleName() == "Copied"
    qtbot.waitUntil(lambda: not button.shows_success)
    assert button.accessibleName() == "Copy the SPF value"


def test_a_failure_leads_to_the_lines_of_its_moment(store: MemoryStore, qtbot: QtBot) -> None:
    window = MainWindow(store)
    qtbot.addWidget(window)
    wanted: list[LogQuery] = []
    window.log_wanted.connect(wanted.append)
    dialog = ErrorDialog(window, UserFacingError("X", "It failed."), mask)

    qtbot.mouseClick(dialog.log_button, LEFT)

    (query,) = wanted
    assert query.since is not None
    assert query.until is not None
    assert query.since < datetime.now(UTC) < query.until


def test_where_no_log_can_be_shown_none_is_offered(parent: QWidget) -> None:
    assert ErrorDialog(parent, UserFacingError("X", "It failed."), mask).log_button.isHidden()


def test_a_fault_has_a_code_that_is_the_same_wherever_the_program_lies_and_whatever_it_was_about() -> None:
    here = 'File "/opt/smtpy_desktop/x.py", line 5, in f\nValueError: 17'
    there = 'File "C:\\smtpy_desktop\\x.py", line 5, in f\nValueError: 18'
    other = 'File "/opt/smtpy_desktop/x.py", line 6, in f\nValueError: 17'

    assert fault_code(here) == fault_code(there) != fault_code(other)
    assert re.fullmatch(r"CRASH-[0-9A-F]{8}", fault_code(here))


def test_the_code_of_a_fault_is_seen_copied_and_logged(parent: QWidget, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        dialog = CrashReporter(parent, mask).report("Traceback\nValueError: hunter2")

    assert dialog is not None
    assert f"Code: {dialog.code}" in texts_of(dialog)
    assert dialog.details.toPlainText().startswith(dialog.code)
    assert dialog.code in caplog.text


def test_a_name_of_one_long_word_makes_no_dialog_wider_than_a_name_of_many_words(parent: QWidget, qtbot: QtBot) -> None:
    def question(name: str) -> ConfirmDialog:
        return confirm(parent, f"Delete {name}?", name, "Delete", lambda: None, consequences=(name,), type_name=name)

    words, word = question(" ".join(["W" * 15] * 25)), question("W" * 400)

    qtbot.waitUntil(word.isVisible)
    assert word.width() <= words.width()
    for label in word.findChildren(QLabel):
        assert label.height() + 2 >= label.heightForWidth(label.width()), label.text()[:60]


@pytest.mark.parametrize("words", HOSTILE)
def test_a_question_about_anything_shows_it_literally(parent: QWidget, qtbot: QtBot, words: str) -> None:
    name = visible_line(words, 60)  # as those who ask cut it

    dialog = confirm(
        parent, f"Delete {name}?", f"{name} goes.", "Delete", lambda: None, consequences=(name,), type_name=name
    )

    qtbot.waitUntil(dialog.isVisible)
    painted = [QLabel.text(label).replace(LINE_BREAK, "") for label in dialog.findChildren(QLabel) if label.isVisible()]
    assert not list(not_literal(dialog))
    assert {f"Delete {name}?", f"{name} goes."} <= set(painted)
    assert sum(name in each for each in painted) >= 4
    assert not any("\u202e" in each or "\n" in each for each in [dialog.windowTitle(), *painted])
    assert dialog.width() <= 1280
