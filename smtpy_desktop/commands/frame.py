"""The frame of the command line: common options, answers and failures in two shapes, exit status."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click

from smtpy_desktop.core.redaction import redact
from smtpy_desktop.errors import FULL_DISK, Cancelled, UserFacingError
from smtpy_desktop.schemas.text import text

if TYPE_CHECKING:
    from pathlib import Path

    from smtpy_desktop.controllers.logs_controller import LogReader
    from smtpy_desktop.controllers.profiles_controller import ProfileTools
    from smtpy_desktop.controllers.services import Services
    from smtpy_desktop.controllers.support_bundle_controller import SupportSources
    from smtpy_desktop.schemas.forwarding_state import Endpoint, ForwardingState
    from smtpy_desktop.schemas.listener_state import ListenerState
    from smtpy_desktop.schemas.message_report import MessageReport

T = TypeVar("T")
EXIT_REFUSED = 1
EXIT_USAGE = 2


@dataclass(frozen=True, slots=True)
class Options:
    """What stands before the command: which installation, and in which shape to answer.

    ``service`` names the command where it stays until it is told to end.
    """

    profile: str | None = None
    database_url: str | None = None
    as_json: bool = False
    service: str = ""


class Opener(Protocol):
    """Opens an installation for one command; ``may_upgrade`` allows setting up or upgrading a server's schema."""

    def __call__(self, options: Options, *, may_upgrade: bool = False) -> AbstractAsyncContextManager[Services]: ...


class ReportPrinter(Protocol):
    """Makes the PDF of a report; returns it with its number of pages. Only this needs Qt, and loads it when called."""

    def __call__(self, options: Options, report: MessageReport, whose: str, paper: str) -> tuple[bytes, int]: ...


class ListenerRunner(Protocol):
    """Takes in Stripe's events until it is cancelled; with ``gives_up`` a port in use ends it with UserFacingError."""

    async def __call__(
        self,
        options: Options,
        services: Services,
        on_state: Callable[[ListenerState], object],
        *,
        port: int | None,
        gives_up: bool,
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class ForwarderChoices:
    """How a forwarder is to run; without ``listen`` the setting says where, ``tls`` are certificate and key (PEM).

    With ``shares_port`` several forwarders of a machine listen at the same addresses.
    """

    listen: tuple[Endpoint, ...] | None = None
    lmtp: tuple[Endpoint, ...] = ()
    health: Endpoint | None = None
    workers: int = 50
    drain_seconds: float = 25.0
    tls: tuple[Path, Path] | None = None
    log_format: str | None = None
    shares_port: bool = False


class RunningForwarder(Protocol):
    """A forwarder that runs in this process."""

    async def run(self) -> None:
        """Forward mail until ``stop``; raise UserFacingError where it cannot start."""
        ...

    def stop(self) -> None:
        """Take no new mail, finish what is under way, and end ``run``."""
        ...

    def reload_certificate(self) -> None:
        """Read the certificate again."""
        ...


ForwarderMaker = Callable[["Services", ForwarderChoices, Callable[["ForwardingState"], object]], RunningForwarder]
"""Makes the forwarder of an open installation; its state is told whenever it changes."""


@dataclass(slots=True)
class Invocation:
    """One run of the program: its options, and the ways into the rest of it that the composition root gives."""

    open_services: Opener
    start: Callable[[str, Options, Mapping[str, Any]], int]
    check_health: Callable[[Options], AsyncIterator[Any]]
    print_report: ReportPrinter
    listen: ListenerRunner
    forward: ForwarderMaker
    find_logs: Callable[[Options], LogReader]
    profiles: Callable[[], ProfileTools]
    support: Callable[[Options], AbstractAsyncContextManager[SupportSources]]
    run_loop: Callable[[Coroutine[Any, Any, Any]], Any] = asyncio.run
    options: Options = field(default_factory=Options)


pass_invocation = click.make_pass_decorator(Invocation)


def run(invocation: Invocation, work: Callable[[Services], Awaitable[T]], *, may_upgrade: bool = False) -> T:
    """Open the installation, run one piece of work on it and close it again."""

    async def opened() -> T:
        async with invocation.open_services(invocation.options, may_upgrade=may_upgrade) as services:
            return await work(services)

    result: T = invocation.run_loop(opened())
    return result


def answer(invocation: Invocation, data: Any, lines: str) -> None:
    """Print an answer: as JSON for scripts, or as lines for people."""
    if invocation.options.as_json:
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
    elif lines:
        click.echo(lines.rstrip("\n"))


def note(message: object) -> None:
    """Print something worth knowing beside the answer, where it does not disturb a script."""
    click.echo(str(message), err=True)


def warning(options: Options, message: object) -> None:
    """Print something that has to be known, in either shape."""
    note(json.dumps({"warning": str(message)}, ensure_ascii=False) if options.as_json else message)


def print_failure(error: UserFacingError, *, as_json: bool) -> None:
    """Print a failure on standard error, in the reference's shape or as sentences."""
    if as_json:
        detail = " ".join(str(part) for part in (error.detail, error.hint) if part is not None)
        failure = {"error": str(error.message), "detail": detail or None, "code": error.code}
        click.echo(json.dumps(failure, ensure_ascii=False), err=True)
        return
    click.echo(f"Error: {error.message}", err=True)
    for part in (error.detail, error.hint):
        if part is not None:
            click.echo(str(part), err=True)


def print_usage_failure(error: click.ClickException, *, as_json: bool) -> None:
    """Print what was wrong with the command line."""
    if as_json:
        failure = {"error": error.format_message(), "detail": "See --help.", "code": "USAGE"}
        click.echo(json.dumps(failure, ensure_ascii=False), err=True)
    else:
        error.show()


def guarded(main: Callable[[], int | None], *, as_json: Callable[[], bool]) -> int:
    """Run the command line and turn every outcome into an exit status: 0 done, 1 refused or failed, 2 wrong usage."""
    try:
        return main() or 0
    except UserFacingError as error:
        print_failure(error, as_json=as_json())
        return EXIT_REFUSED
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except (click.Abort, KeyboardInterrupt, Cancelled, asyncio.CancelledError):
        print_failure(UserFacingError("STOPPED", text("Stopped.")), as_json=as_json())
        return EXIT_REFUSED
    except click.ClickException as error:
        print_usage_failure(error, as_json=as_json())
        return EXIT_USAGE
    except BrokenPipeError:
        sys.stderr.close()  # the reader has gone; nothing more can be said
        return EXIT_REFUSED
    except Exception as error:  # noqa: BLE001 - a bug of ours, told in the same shape; its traceback is in the log
        print_failure(_unexpected(error), as_json=as_json())
        return EXIT_REFUSED


def _unexpected(error: Exception) -> UserFacingError:
    """Return what is told of an error that nobody has translated: a full disk is no fault of ours, the rest is."""
    if isinstance(error, OSError) and error.errno in FULL_DISK:
        return UserFacingError(
            "DISK_FULL",
            text("The disk is full; not everything was written."),
            hint=text("Make room or let the answer go to another place, and try again."),
        )
    return UserFacingError(
        "INTERNAL",
        text("The program has a fault and could not finish this."),
        detail=text("{reason}", reason=redact(f"{type(error).__name__}: {error}")),
        hint=text("The log has the details; please report them: smtpy-desktop logs --level error"),
    )
