"""From the command line to a running window. Part of the composition root.

The order matters for the time to a usable window: the database server is started first, since it needs no processor of
ours, and the heavy imports happen meanwhile.
"""

from __future__ import annotations

import contextlib
import enum
import os
import shutil
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from smtpy_desktop.commands.frame import Options, note
from smtpy_desktop.config import load_config
from smtpy_desktop.display import prepared_display
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.embedded_postgres import EmbeddedPostgres
from smtpy_desktop.gateways.file_lock import FileLock
from smtpy_desktop.logs import logging_to, native_faults_to
from smtpy_desktop.named_profiles import chosen_profile
from smtpy_desktop.paths import Profile
from smtpy_desktop.runtime.large_blocks import return_large_blocks
from smtpy_desktop.runtime.responsiveness import begin_starting


class Next(enum.Enum):
    """What was asked for when a window was closed."""

    END = enum.auto()
    SANDBOX = enum.auto()


@dataclass(frozen=True, slots=True)
class WindowPlan:
    """What is to be opened: ``what`` is gui, sandbox, tour or gallery; ``choices`` are that command's own options."""

    what: str
    profile: Profile
    postgres: EmbeddedPostgres
    database_url: str | None
    choices: Mapping[str, Any]

    @property
    def is_sandbox(self) -> bool:
        """Whether the stand-ins and the sample data belong to it."""
        return self.what in ("sandbox", "tour", "gallery")


def start_window(what: str, options: Options, choices: Mapping[str, Any]) -> int:
    """Open the window and return the exit status once it is closed."""
    plan = _plan(what, options, choices)
    with contextlib.ExitStack() as stack:
        if not _take(plan, stack):
            return _raise_running(plan)
        told = stack.enter_context(prepared_display(offscreen=what == "tour"))
        if told is not None:
            note(told)
        status, wanted = _run(plan)
        if plan.what == "tour":
            _forget(plan)
        if wanted is Next.SANDBOX:
            # "Explore with sample data" on the first page: the same Qt application goes on with the other profile.
            sandbox = _plan("sandbox", options, {})
            if not _take(sandbox, stack):
                return _raise_running(sandbox)
            status, _ = _run(sandbox)
        return status


def _take(plan: WindowPlan, stack: contextlib.ExitStack) -> bool:
    """Make the profile ours for as long as the stack lives; return False when a window has it already."""
    plan.profile.create()
    lock = FileLock(plan.profile.directory / "window.lock")
    if not lock.acquire(wait=False):
        return False
    stack.callback(lock.release)
    stack.enter_context(logging_to(plan.profile, "window"))
    stack.enter_context(native_faults_to(plan.profile))
    return True


def _plan(what: str, options: Options, choices: Mapping[str, Any]) -> WindowPlan:
    profile = chosen_profile(options.profile)
    if what == "sandbox":
        profile = Profile(profile.sandbox)
    elif what == "tour":
        profile = _fresh_tour_profile(options)
    return WindowPlan(
        what, profile, EmbeddedPostgres(profile.postgres), None if what != "gui" else options.database_url, choices
    )


def _fresh_tour_profile(options: Options) -> Profile:
    """Return an empty profile: the tour always begins at the beginning and leaves nobody's data changed."""
    if options.profile is not None:
        return Profile(chosen_profile(options.profile).directory / "tour")
    return Profile(Path(tempfile.mkdtemp(prefix="smtpy-tour-")))


def _forget(plan: WindowPlan) -> None:
    """Remove the tour's profile and database; what it is for are its pictures."""
    with contextlib.suppress(OSError):  # there may have been none that could be opened, which was told
        plan.postgres.remove()
    shutil.rmtree(plan.profile.directory, ignore_errors=True)


def _run(plan: WindowPlan) -> tuple[int, Next]:
    """Run one profile's window, again where it wants to be opened anew; return its exit status and what comes next."""
    begin_starting()
    return_large_blocks()
    while True:
        _warm_up(plan)
        from smtpy_desktop.window_app import WindowApp, forget_window

        app = WindowApp(plan)
        status, wants_sandbox, wants_restart = app.run(), app.wants_sandbox, app.wants_restart
        forget_window(app)
        if not wants_restart:
            return status, Next.SANDBOX if wants_sandbox else Next.END
        plan = replace(plan, postgres=EmbeddedPostgres(plan.profile.postgres))


def _warm_up(plan: WindowPlan) -> None:
    """Start the built-in database while the window is still being imported, when it is sure to be needed.

    A failure is left alone here: the window opens the database again and shows what is wrong.
    """
    is_set_up = (plan.profile.postgres / "data").exists() or (plan.profile.postgres / "location").exists()
    uses_server = plan.database_url is not None or (
        not plan.is_sandbox and load_config(plan.profile).server is not None
    )
    if is_set_up and not uses_server:
        threading.Thread(target=_start_quietly, args=(plan.postgres,), name="smtpy-warm-up", daemon=True).start()


def _start_quietly(postgres: EmbeddedPostgres) -> None:
    with contextlib.suppress(UserFacingError, OSError):
        postgres.start()


def _raise_running(plan: WindowPlan) -> int:
    """Bring the window that is open already to the front."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from smtpy_desktop.views.single_instance import raise_first_window

    if raise_first_window(plan.profile.directory, plan.profile.profile_id):
        note("SMTPy Desktop is open already; its window was brought to the front.")
        return 0
    note("SMTPy Desktop is open already with this profile, but does not answer.")
    return 1
