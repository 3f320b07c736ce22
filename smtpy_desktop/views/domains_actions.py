"""What can be done with domains: verify, switch on and off, copy, open their dialogs; and what is told afterwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from smtpy_desktop.controllers import domain_checks_controller, domains_controller
from smtpy_desktop.errors import DatabaseUnavailable, UserFacingError
from smtpy_desktop.runtime.task_runner import TaskHandle
from smtpy_desktop.schemas.dns import DnsReport, Verdict
from smtpy_desktop.schemas.domain_checks import VerificationSummary
from smtpy_desktop.schemas.domains import DomainDetails, DomainQuery
from smtpy_desktop.schemas.identifiers import DomainId
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.views.delete_domain_dialog import DeleteDomainDialog
from smtpy_desktop.views.domain_history_dialog import DomainHistoryDialog
from smtpy_desktop.views.domain_settings_dialog import DomainSettingsDialog
from smtpy_desktop.views.domain_words import result_sentence
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.confirm import confirm_in_production
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.kept_answers import VERIFY_MANY, confirm_until_kept
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.texts import number, tr, tr_n, translated

CONFIRM_ABOVE = 500
_IDENTITY_MISSING = "MAIL_IDENTITY_INCOMPLETE"
_READ_SECONDS = 8.0


class DomainsActions(QObject):
    """``reported(DnsReport)``: one domain was verified. ``verifying(ids, bool)``: it starts, it is over.

    ``attention_wanted``: the user wants to see what is wrong. ``identity_wanted``: the mail identity is to be set.
    """

    reported = Signal(object)
    verifying = Signal(object, bool)
    attention_wanted = Signal()
    identity_wanted = Signal()

    def __init__(self, context: ViewContext, window: QWidget) -> None:
        super().__init__(window)
        self._context = context
        self._window = window
        self._bulk: TaskHandle | None = None

    # Verify

    def verify(self, ids: Sequence[DomainId]) -> None:
        """Verify one domain or several; above a number of them the user is asked first."""
        if not ids or (self._bulk is not None and len(ids) > 1):
            return
        if len(ids) == 1:
            self._verify_one(ids[0])
        elif len(ids) > CONFIRM_ABOVE:
            count = number(len(ids))
            words = (
                tr("Verify {count} domains?", count=count),
                tr("Each is asked for at its name servers and at your resolvers. You can stop it at any time."),
                tr("Verify {count} domains", count=count),
            )
            memory = self._context.memory
            confirm_until_kept(self._window, memory, VERIFY_MANY, words, lambda: self._verify_several(ids))
        else:
            self._verify_several(ids)

    def _verify_one(self, domain_id: DomainId) -> None:
        services = self._context.services
        handle = self._context.runner.run(
            domain_checks_controller.verify_domain(
                services.sessions, domain_id, asker=services.asker, publish=services.publish
            ),
            owner=self,
            on_success=self._tell_report,
            on_error=partial(self._on_verify_error, [domain_id]),
            replaces=f"verify/{domain_id}",
            title=tr("Verifying a domain"),
        )
        self.verifying.emit((domain_id,), True)
        handle.ended.connect(lambda: self.verifying.emit((domain_id,), False))

    def _verify_several(self, ids: Sequence[DomainId]) -> None:
        services, progress = self._context.services, Progress(total=len(ids))
        done: set[DomainId] = set()

        def fail(error: UserFacingError) -> bool:
            return self._on_verify_error([one for one in ids if one not in done], error)

        handle = self._context.runner.run(
            domain_checks_controller.verify_domains(
                services.sessions,
                ids,
                asker=services.asker,
                publish=services.publish,
                progress=progress,
                on_report=lambda report: done.add(report.domain_id),
            ),
            owner=self,
            on_success=self._tell_summary,
            on_error=fail,
            progress=progress,
            title=tr_n("Verifying {n} domain", "Verifying {n} domains", len(ids)),
        )
        self._bulk = handle
        handle.ended.connect(lambda: self._on_bulk_ended(handle, progress))

    def _on_bulk_ended(self, handle: TaskHandle, progress: Progress) -> None:
        self._bulk = None
        if handle.is_cancelled:
            done, total = number(progress.done), number(progress.total or 0)
            words = tr("Stopped after {done} of {total} domains; their results are kept.", done=done, total=total)
            self._context.tell(Message(words, Tone.ACCENT, key="verify"))

    def _tell_report(self, report: DnsReport) -> None:
        self.reported.emit(report)
        is_wrong = any(record.verdict is Verdict.WRONG for record in report.records)
        words = tr("{name}: {result}", name=report.name, result=result_sentence(report))
        if report.right == len(report.records):
            self._context.tell(Message(words, key="verify"))
        else:
            tone = Tone.BAD if is_wrong else Tone.WARN
            self._context.tell(Message(words, tone, key="verify", seconds=_READ_SECONDS))

    def _tell_summary(self, summary: VerificationSummary) -> None:
        parts = [tr("{n} right", n=number(summary.verified))]
        if summary.wrong:
            parts.append(tr("{n} wrong", n=number(summary.wrong)))
        if summary.unknown:
            parts.append(tr("{n} could not be asked", n=number(summary.unknown)))
        if summary.missing:
            parts.append(tr("{n} deleted meanwhile", n=number(len(summary.missing))))
        words = tr_n(
            "Verified {n} domain: {results}.",
            "Verified {n} domains: {results}.",
            summary.checked,
            results=", ".join(parts),
        )
        if summary.wrong:
            show = self.attention_wanted.emit
            self._context.tell(Message(words, Tone.WARN, tr("Show"), show, key="verify"))
        else:
            self._context.tell(Message(words, Tone.WARN if summary.unknown else Tone.OK, key="verify"))

    def _on_verify_error(self, left: Sequence[DomainId], error: UserFacingError) -> bool:
        """Tell why domains were not verified, and offer what helps; ``left`` are those that have no result."""
        if isinstance(error, DatabaseUnavailable):
            words = tr_n(
                "Verification stopped when the database went away; {n} domain is left to be verified.",
                "Verification stopped when the database went away; {n} domains are left to be verified.",
                len(left),
            )
            again = partial(self._verify_again, tuple(left))
            self._context.tell(Message(words, Tone.WARN, tr("Verify again"), again, key="verify"))
            return True
        if error.code != _IDENTITY_MISSING:
            return False
        words = tr("First say who you are in the DNS: {reason}", reason=translated(error.message))
        action = self.identity_wanted.emit
        self._context.tell(Message(words, Tone.WARN, tr("Set the mail identity"), action, key="verify"))
        return True

    def _verify_again(self, left: Sequence[DomainId]) -> None:
        if len(left) > 1:
            self._verify_several(left)  # who agreed to verify them all is not asked again
        else:
            self.verify(left)

    # Switching on and off

    def set_active(self, ids: Sequence[DomainId], *, active: bool) -> None:
        """Switch domains on or off; the message that says so offers to take it back."""
        # Only those that change are taken back by Undo; some of the selected may be as wanted already.
        services = self._context.services

        def take(others: tuple[DomainId, ...]) -> None:
            changing = [one for one in others if one in set(ids)]
            self._switch(changing, active=active, then=lambda: self._offer_undo(changing, active=active))

        def switch() -> None:
            work = domains_controller.list_ids(services.sessions, DomainQuery(active=not active))
            self._context.runner.run(work, owner=self, on_success=take)

        if active:
            switch()
            return
        confirm_in_production(
            self._window,
            tr_n("Deactivate {n} domain?", "Deactivate {n} domains?", len(ids)),
            tr("Mail to what is inactive is refused."),
            tr("Deactivate"),
            switch,
        )

    def _switch(self, ids: Sequence[DomainId], *, active: bool, then: Callable[[], object]) -> None:
        services = self._context.services
        self._context.runner.run(
            domains_controller.set_active(
                services.sessions, ids, active=active, actor=services.actor, publish=services.publish
            ),
            owner=self,
            on_success=lambda count: then(),
        )

    def _offer_undo(self, ids: Sequence[DomainId], *, active: bool) -> None:
        tell = self._context.tell
        if not ids:
            tell(
                Message(tr("They were active already.") if active else tr("They were inactive already."), key="active")
            )
            return
        words = (
            tr_n("Activated {n} domain.", "Activated {n} domains.", len(ids))
            if active
            else tr_n(
                "Deactivated {n} domain: mail to it is refused now.",
                "Deactivated {n} domains: mail to them is refused now.",
                len(ids),
            )
        )
        undone = tr_n("{n} domain is as before.", "{n} domains are as before.", len(ids))
        undo_done = Message(undone, key="active")

        def undo() -> None:
            self._switch(ids, active=not active, then=lambda: tell(undo_done))

        tell(Message(words, action_text=tr("Undo"), action=undo, key="active"))

    # Dialogs and the clipboard

    def copy_names(self, names: Sequence[str]) -> None:
        """Put names on the clipboard, one per line."""
        if names:
            QGuiApplication.clipboard().setText("\n".join(names))
            self._context.tell(Message(tr_n("Copied {n} name.", "Copied {n} names.", len(names)), key="copied"))

    def open_settings(self, domain_id: DomainId) -> None:
        """Open the settings of a domain."""
        self._with_domain(domain_id, self._settings_dialog)

    def open_history(self, domain_id: DomainId) -> None:
        """Open the past checks of a domain."""
        self._with_domain(domain_id, lambda domain: DomainHistoryDialog(self._context, domain, self._window))

    def ask_to_delete(self, domain_id: DomainId) -> None:
        """Open the question whether a domain is to be deleted."""
        self._with_domain(domain_id, self._delete_dialog)

    def tell_delete_one_by_one(self) -> None:
        """Say why several domains cannot be deleted together."""
        words = tr("Domains are deleted one at a time, as the name of each has to be typed. Select one.")
        self._context.tell(Message(words, Tone.ACCENT, key="delete"))

    def _settings_dialog(self, domain: DomainDetails) -> Dialog:
        dialog = DomainSettingsDialog(self._context, domain, self._window)
        dialog.saved.connect(
            lambda name: self._context.tell(Message(tr("Saved the settings of {name}.", name=name), key="settings"))
        )
        return dialog

    def _delete_dialog(self, domain: DomainDetails) -> Dialog:
        dialog = DeleteDomainDialog(self._context, domain, self._window)
        dialog.deleted.connect(
            lambda name: self._context.tell(Message(tr("{name} was deleted.", name=name), key="delete"))
        )
        return dialog

    def _with_domain(self, domain_id: DomainId, make: Callable[[DomainDetails], Dialog]) -> None:
        """Read a domain as it is now and open a dialog for it."""
        work = domains_controller.get_domain(self._context.services.sessions, domain_id)
        self._context.runner.run(
            work, owner=self, on_success=lambda domain: make(domain).open(), replaces="domain-dialog"
        )
