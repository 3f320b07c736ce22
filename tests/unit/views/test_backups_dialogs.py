"""The dialogs that restore and move: what is asked, how the work is stopped, and what is told at its end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from smtpy_desktop.controllers import move_controller
from smtpy_desktop.controllers.services import Services
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.runtime.async_thread import AsyncThread
from smtpy_desktop.runtime.change_bus import ChangeBus
from smtpy_desktop.runtime.task_runner import TaskRunner
from smtpy_desktop.schemas.backups import BackupPhase, MovePlan, Proof, TableProof
from smtpy_desktop.schemas.connection import ServerAddress, TlsMode
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.schemas.text import text
from smtpy_desktop.views.backups_tools import BackupsTools
from smtpy_desktop.views.backups_work_dialog import WorkDialog
from smtpy_desktop.views.move_dialog import MoveDialog
from smtpy_desktop.views.view_context import OrganizationChoice, ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.confirm import ConfirmDialog
from smtpy_desktop.views.widgets.remembered import MemoryStore
from tests.helpers.message_recorder import MessageRecorder
from tests.helpers.page_world import wait_until_calm

PROOF = Proof(
    (TableProof("public.messages", 2, 2, "a", "a"), TableProof("public.aliases", 1, 1, "b", "b")),
    notes=(text("The database before is kept as {name} until it is removed.", name="<b>before</b>"),),
)
NO_SERVICES: Any = Services


class Work:
    """A long work that waits until it is let go, and the dialog that it runs in."""

    def __init__(self, bot: QtBot, thread: AsyncThread) -> None:
        self.bot, self.thread = bot, thread
        self.context = ViewContext(
            services=NO_SERVICES,
            runner=TaskRunner(thread),
            bus=ChangeBus(),
            choice=OrganizationChoice(),
            memory=MemoryStore(),
            tell=MessageRecorder(),
        )
        self.parent = QWidget()
        bot.addWidget(self.parent)
        self.parent.show()
        self.gate = asyncio.Event()
        self.progress = Progress()
        self.was_cancelled = False
        self.done: list[Proof] = []
        self.stopped = 0
        self.error: UserFacingError | None = None
        action = Button("Do it")
        self.dialog = WorkDialog(self.context, "Do it?", "It takes long.", action, self.parent, failed="Not done")
        self.dialog.set_buttons(
            self.dialog.cancel_button,
            self.dialog.stop_button,
            self.dialog.again_button,
            action,
            self.dialog.close_button,
        )
        self.dialog.open()

    async def _run(self) -> Proof:
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise
        if self.error is not None:
            raise self.error
        return PROOF

    def begin(self) -> None:
        def stopped() -> None:
            self.stopped += 1

        self.dialog.begin(
            self._run(),
            self.progress,
            heading="Doing it",
            words="Nothing is switched until the proof.",
            on_success=self._finish,
            on_stopped=stopped,
        )

    def let_go(self) -> None:
        async def open_gate() -> None:
            self.gate.set()

        self.thread.submit(open_gate()).result(10)

    def _finish(self, proof: Proof) -> None:
        self.done.append(proof)
        self.dialog.show_done("Done", proof, "It goes on.", "See the settings.")

    def until_ended(self) -> None:
        wait_until_calm(self.bot, lambda: self.dialog.is_working or self.context.runner.running)


@pytest.fixture
def work(qapp: QApplication, qtbot: QtBot) -> Iterator[Work]:
    thread = AsyncThread()
    thread.start()
    work = Work(qtbot, thread)
    yield work
    work.context.runner.cancel_all()
    wait_until_calm(qtbot, lambda: work.context.runner.running)
    thread.stop()


def test_what_is_done_is_shown_with_its_proof_and_what_it_means(work: Work) -> None:
    work.begin()
    work.let_go()
    work.until_ended()

    dialog = work.dialog
    assert work.done == [PROOF]
    assert dialog.heading.text() == "Done"
    assert dialog.proof.summary.heading.text() == "Everything is there: 2 tables, 3 rows."
    assert "<b>before</b>" in dialog.outcome.text.text()
    assert dialog.close_button.isVisible()
    assert not dialog.stop_button.isVisible()


def test_esc_ends_no_work_and_closes_nothing(work: Work) -> None:
    work.begin()

    QTest.keyClick(work.dialog, Qt.Key.Key_Escape)
    is_open = work.dialog.isVisible()
    work.let_go()
    work.until_ended()

    assert is_open
    assert work.done == [PROOF]


def test_stop_ends_the_work_and_says_that_nothing_was_switched(work: Work) -> None:
    work.begin()

    work.dialog.stop_button.click()
    work.until_ended()

    assert work.was_cancelled
    assert work.done == []
    assert work.stopped == 0
    assert "Nothing was switched" in work.dialog.failure.text.text()


def test_what_switches_over_already_cannot_be_stopped_any_more(work: Work) -> None:
    work.begin()
    work.progress.note = BackupPhase.SWITCHING.note

    work.bot.waitUntil(lambda: not work.dialog.stop_button.isEnabled())
    work.dialog.stop()
    work.let_go()
    work.until_ended()

    assert work.done == [PROOF]


def test_a_stop_that_meets_the_switch_has_the_database_opened_again_whichever_it_is(work: Work) -> None:
    work.begin()
    work.progress.note = BackupPhase.SWITCHING.note  # not seen by the window yet

    work.dialog.stop()
    work.until_ended()

    assert work.stopped == 1
    assert "switching over already" in work.dialog.failure.text.text()


def test_a_failure_says_why_and_what_to_do_and_leads_back_to_the_question(work: Work) -> None:
    work.error = UserFacingError("DISK_FULL", "The disk is full <b>now</b>.", hint="Make room.")
    work.begin()
    work.let_go()
    work.until_ended()

    dialog = work.dialog
    shown = f"{dialog.heading.text()} {dialog.failure.heading.text()} {dialog.failure.text.text()}"
    assert shown == "Not done The disk is full <b>now</b>. Make room.\nCode: DISK_FULL"
    dialog.again_button.click()
    assert dialog.heading.text() == "Do it?"
    assert dialog.asking.isVisible()
    assert not dialog.failure.isVisible()


def test_what_differs_stands_first_in_the_proof(work: Work) -> None:
    lost = TableProof("public.z", 5, 4, "c", "d")

    work.dialog.proof.show_proof(Proof((*PROOF.tables, lost)))
    work.bot.waitUntil(lambda: work.dialog.proof.model.rowCount() == 3)

    assert work.dialog.proof.summary.heading.text() == "1 table differs."
    assert work.dialog.proof.model.index(0, 0).data() == "z"


def test_what_an_earlier_move_has_left_is_removed_only_when_that_is_agreed_to(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    agreed: list[bool] = []
    server = ServerAddress("db.example.net", 5432, "smtpy", "smtpy_owner", TlsMode.VERIFY_FULL, None)

    async def plan(*_: object) -> MovePlan:
        return MovePlan(server, 3, 1000, leftover=datetime(2026, 11, 1, 12, tzinfo=UTC))

    async def move(address: ServerAddress, password: str, progress: Progress, removes_leftover: bool) -> Proof:
        agreed.append(removes_leftover)
        return PROOF

    monkeypatch.setattr(move_controller, "plan_move", plan)
    nothing: Any = None
    tools = BackupsTools("smtpy", "/data", None, nothing, move, nothing, lambda: None, nothing)
    dialog = MoveDialog(work.context, tools, work.parent)
    dialog.open()
    dialog.fields.restore({"host": "db.example.net", "port": "5432", "database": "smtpy", "user": "smtpy_owner"})
    dialog.fields.password.set_text("a password")

    for answer in (ConfirmDialog.reject, ConfirmDialog.accept):
        dialog.action_button.click()
        wait_until_calm(work.bot, lambda: work.context.runner.running)
        (question,) = (child for child in dialog.findChildren(ConfirmDialog) if child.isVisible())
        before = list(agreed)
        answer(question)
    wait_until_calm(work.bot, lambda: dialog.is_working or work.context.runner.running)

    assert before == []
    assert agreed == [True]
    assert dialog.proof.isVisible()
