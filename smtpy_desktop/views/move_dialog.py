"""Moving everything from the built-in database to a PostgreSQL server: which one, tried out, done and proved."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from smtpy_desktop.controllers import move_controller
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.backups import MovePlan, Proof
from smtpy_desktop.schemas.connection import ServerAddress
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.views.backups_tools import BackupsTools
from smtpy_desktop.views.backups_work_dialog import WorkDialog
from smtpy_desktop.views.connection_test_panel import ConnectionTestPanel
from smtpy_desktop.views.message_words import size_words
from smtpy_desktop.views.server_fields import ServerFields
from smtpy_desktop.views.server_trial import ServerTrial
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import Notice, button_row
from smtpy_desktop.views.widgets.confirm import confirm
from smtpy_desktop.views.widgets.profile_mark import current_profile
from smtpy_desktop.views.widgets.relative_time import exact_time
from smtpy_desktop.views.widgets.scroll_column import ScrollColumn
from smtpy_desktop.views.widgets.texts import tr, tr_n, translated

_WIDTH = 960
_TEST_WIDTH = 390
_HEIGHT = 474


class MoveDialog(WorkDialog):
    """The server's database has to be empty. The built-in one stays where it is, whatever comes of it."""

    def __init__(self, context: ViewContext, tools: BackupsTools, parent: QWidget) -> None:
        super().__init__(
            context,
            tr("Move to a server"),
            tr(
                "Everything is copied into an empty database of a PostgreSQL server and proved there. "
                "Then the window works on the server."
            ),
            Button(tr("&Move to this server"), kind="primary", icon="server-2", action=self._on_move),
            parent,
            failed=tr("Nothing was moved"),
        )
        self.mark_profile(current_profile())
        self._tools = tools
        self._target: tuple[ServerAddress, str] | None = None
        self.ask_for_width(_WIDTH)
        self.fields = ServerFields(self)
        self.panel = ConnectionTestPanel(self)
        self._trial = ServerTrial(self.fields, self.panel, tools.probe, context.runner, self)
        self._trial.changed.connect(self._show_testing)
        self.obstacles = Notice("", "", Tone.BAD, self)
        self.obstacles.hide()
        self.fields.edited.connect(self.obstacles.hide)
        self.fields.submitted.connect(self._on_move)
        self._build()
        self.offer_help("backups")
        self.set_buttons(self.cancel_button, self.stop_button, self.again_button, self.action_button, self.close_button)
        self.setFocusProxy(self.fields)
        self.fields.setFocus()
        self._show_testing()

    def reject(self) -> None:
        """Close, and stop a test that is under way."""
        self._trial.stop()
        super().reject()

    def _build(self) -> None:
        scroll = ScrollColumn(tr("Server"), self)
        scroll.column.setContentsMargins(0, 0, Space.M, 0)
        scroll.column.addWidget(self.fields)
        scroll.column.addStretch(1)
        scroll.setFixedHeight(_HEIGHT)
        row = QHBoxLayout()
        row.setSpacing(Space.L)
        row.addWidget(scroll, 1)
        steps = ScrollColumn(tr("Connection test"), self)
        steps.column.addWidget(self.panel)
        steps.column.addStretch(1)
        steps.setFixedWidth(_TEST_WIDTH)
        trial = QVBoxLayout()
        trial.setSpacing(Space.M)
        row.addLayout(trial)
        self.test_button = Button(tr("&Test connection"), self, icon="plug-connected", action=self._trial.start)
        self.stop_test_button = Button(tr("Stop the test"), self, icon="x", action=self._trial.stop)
        trial.addWidget(steps, 1)
        trial.addLayout(button_row(self.test_button, self.stop_test_button))
        self.asked.addWidget(self.obstacles)
        self.asked.addLayout(row)

    def _show_testing(self) -> None:
        self.test_button.setVisible(not self._trial.is_running)
        self.stop_test_button.setVisible(self._trial.is_running)

    # Moving

    def _on_move(self) -> None:
        address = self.fields.address()
        if address is None or self.is_working or not self.action_button.isEnabled():
            return
        self._trial.stop()
        self.obstacles.hide()
        self._target = (address, self.fields.password.text())
        self._set_asking(is_asking=True)
        services = self._context.services
        self._context.runner.run(
            move_controller.plan_move(services.backup_tools, services.sessions, *self._target),
            owner=self,
            on_success=self._on_planned,
            on_error=self._on_unplanned,
            replaces="backups/plan",
        )

    def _set_asking(self, *, is_asking: bool) -> None:
        self.action_button.setEnabled(not is_asking)
        self.action_button.set_text(tr("Looking at the server…") if is_asking else tr("&Move to this server"))
        self.fields.setEnabled(not is_asking)

    def _on_unplanned(self, error: UserFacingError) -> bool:
        self._set_asking(is_asking=False)
        self.fields.setFocus()
        self._trial.start()  # shows which step it is that fails
        self.fields.show_error(error)
        return True

    def _on_planned(self, plan: MovePlan) -> None:
        self._set_asking(is_asking=False)
        if plan.obstacles:
            words = "\n".join(translated(obstacle) for obstacle in plan.obstacles)
            self.obstacles.show_words(tr("This database cannot be moved to."), words, Tone.BAD)
            self.obstacles.show()
            self.fields.database.setFocus()
            self.fit_soon()
            return
        if plan.leftover is None:
            self._move(plan)
            return
        confirm(
            self,
            tr("Remove the unfinished copy first?"),
            tr(
                "The move of {when} to {server} was broken off. What it has left there is this database's own copy, "
                "and nothing was changed in it since. It is removed, and the move begins anew.",
                server=str(plan.server),
                when=exact_time(plan.leftover),
            ),
            tr("&Remove it and move"),
            partial(self._move, plan),
        )

    def _move(self, plan: MovePlan) -> None:
        if self._target is None:
            return
        progress = Progress()
        rows = tr_n("{n} row", "{n} rows", plan.rows)
        self.begin(
            self._tools.move(*self._target, progress, plan.leftover is not None),
            progress,
            heading=tr("Moving to {server}", server=str(plan.server)),
            words=tr(
                "{rows}, {size}. Until all of it has been proved there, nothing is switched.",
                rows=rows,
                size=size_words(plan.size_bytes),
            ),
            on_success=self._on_moved,
            on_stopped=self._tools.open_again,
        )

    def _on_moved(self, proof: Proof) -> None:
        self.show_done(
            tr("Everything is on the server"),
            proof,
            tr("The window works on the server from now on."),
            tr(
                "The built-in database stays in {directory}. Start forwarders with the server's address.",
                directory=self._tools.kept_at,
            ),
        )
        self._tools.open_again()
