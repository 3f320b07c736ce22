"""The other installations, seen from this window: listed, opened beside it, named. Part of the composition root."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment

from smtpy_desktop.core.secret_variables import without_secrets
from smtpy_desktop.named_profiles import entry_of, profile_tools
from smtpy_desktop.runtime.task_runner import say_nothing
from smtpy_desktop.schemas.profiles import ProfileEntry, ProfileRow
from smtpy_desktop.schemas.text import Text
from smtpy_desktop.views.command_palette import DeliverEntries, PaletteEntry
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.profile_mark import current_profile, set_current_profile, set_sandbox
from smtpy_desktop.views.widgets.texts import tr

if TYPE_CHECKING:
    from smtpy_desktop.views.profiles_dialog import ProfilesDialog
    from smtpy_desktop.window_app import WindowApp

_OURS = ("SMTPY_", "STRIPE_", "PG")
"""Variables that begin so are meant for this run, and for this profile alone."""


class WindowProfiles(QObject):
    """Says whose window this is, and opens windows of others, each a process of its own."""

    def __init__(self, app: WindowApp) -> None:
        super().__init__(app)
        self._app = app
        self.tools = profile_tools()
        # The stand-ins are nobody's production, in whosever profile they lie.
        self._is_own = app.plan.what == "gui"
        set_current_profile(entry_of(app.plan.profile) if self._is_own else None)
        set_sandbox(not self._is_own)

    def follow(self) -> None:
        """Let the window's badge lead here."""
        self._app.window.top_bar.profile_pressed.connect(self.show)
        self._app.window.messages.profile_pressed.connect(self.show)

    @property
    def commands(self) -> tuple[PaletteEntry, ...]:
        """What the search box offers of it."""
        keywords = "installation production test environment"
        return (PaletteEntry(tr("Profiles…"), self.show, "server-2", tr("Action"), keywords),)

    def show(self) -> ProfilesDialog:
        """Open the list of profiles."""
        from smtpy_desktop.views.profiles_dialog import ProfilesDialog

        app = self._app
        dialog = ProfilesDialog(app.runner, self.tools, app.store, self.open, app.window)
        dialog.changed.connect(self._on_changed)
        dialog.open()
        return dialog

    def search(self, text: str, deliver: DeliverEntries) -> None:
        """Find profiles by name, to be opened beside this one."""
        from smtpy_desktop.controllers.profiles_controller import list_profiles

        words = text.casefold().split()

        def take(listed: tuple[tuple[ProfileRow, ...], Text | None]) -> None:
            found = [self._entry(row.entry) for row in listed[0] if row.entry != current_profile()]
            deliver([entry for entry in found if entry.matches(words)])

        work = list_profiles(self.tools)
        self._app.runner.run(work, owner=self, on_success=take, on_error=say_nothing, replaces="profiles/search")

    def open(self, entry: ProfileEntry) -> None:
        """Open a profile in a window of its own; one that is open already comes to the front."""
        program = (sys.executable,) if getattr(sys, "frozen", False) else (sys.executable, "-m", "smtpy_desktop")
        is_started = start_apart((*program, "--profile", str(entry.directory), "gui"))
        words = (
            tr("Opening {name} in a window of its own…", name=entry.name)
            if is_started
            else tr("{name} could not be opened.", name=entry.name)
        )
        self._app.window.show_message(Message(words, Tone.ACCENT if is_started else Tone.BAD, key="profiles"))

    def _entry(self, entry: ProfileEntry) -> PaletteEntry:
        words = tr("Open {name}", name=entry.name)
        return PaletteEntry(words, lambda: self.open(entry), "server-2", tr("Profile"), str(entry.directory))

    def _on_changed(self, entry: ProfileEntry) -> None:
        if self._is_own and entry.directory == self._app.plan.profile.directory:
            set_current_profile(entry_of(self._app.plan.profile))
            self._app.window.show_profile()


def start_apart(command: Sequence[str]) -> bool:
    """Start a program that outlives this one and is told nothing that was meant for it; say whether it began."""
    process = QProcess()
    process.setProgram(command[0])
    process.setArguments(list(command[1:]))
    process.setProcessEnvironment(_environment())
    # Its annotation promises a pair with the number of the process; what comes is the answer alone.
    answer: object = process.startDetached()
    return bool(answer[0] if isinstance(answer, tuple) else answer)


def _environment() -> QProcessEnvironment:
    """Return what a window of another profile is given: nothing that was meant for this one."""
    environment = QProcessEnvironment()
    for name, value in without_secrets(os.environ).items():
        if not name.upper().startswith(_OURS):
            environment.insert(name, value)
    return environment
