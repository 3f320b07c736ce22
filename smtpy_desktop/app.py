"""The composition root: builds everything out of every layer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from smtpy_desktop.commands.frame import ForwarderChoices, Invocation, Options, RunningForwarder, note, warning
from smtpy_desktop.commands.main_command import run_command_line

if TYPE_CHECKING:
    from smtpy_desktop.controllers.logs_controller import LogReader
    from smtpy_desktop.controllers.profiles_controller import ProfileTools
    from smtpy_desktop.controllers.services import Services
    from smtpy_desktop.controllers.support_bundle_controller import SupportSources
    from smtpy_desktop.schemas.forwarding_state import ForwardingState
    from smtpy_desktop.schemas.health import PartHealth
    from smtpy_desktop.schemas.listener_state import ListenerState
    from smtpy_desktop.schemas.message_report import MessageReport
    from smtpy_desktop.schemas.text import Text


def main() -> int:
    """Run the program as the command line says and return its exit status."""
    return run_command_line(
        Invocation(
            open_services=_open_services,
            start=_start,
            check_health=_check_health,
            print_report=_print_report,
            listen=_listen,
            forward=_forward,
            find_logs=_find_logs,
            profiles=_profiles,
            support=_support,
            run_loop=_run_loop,
        )
    )


def _open_services(options: Options, *, may_upgrade: bool = False) -> AbstractAsyncContextManager[Services]:
    from smtpy_desktop.installation import open_for_command

    def tell(progress: Text) -> None:
        if not options.as_json:  # scripts read standard error, too
            note(progress)

    return open_for_command(
        options.profile,
        options.database_url,
        may_upgrade=may_upgrade,
        log=options.service or "command",
        stays=bool(options.service),
        notify=tell,
        warn=lambda message: warning(options, message),
    )


def _start(what: str, options: Options, choices: Mapping[str, Any]) -> int:
    from smtpy_desktop.window_start import start_window

    return start_window(what, options, choices)


def _check_health(options: Options) -> AsyncIterator[PartHealth]:
    from smtpy_desktop.health import check_health

    return check_health(options.profile, options.database_url)


def _print_report(options: Options, report: MessageReport, whose: str, paper: str) -> tuple[bytes, int]:
    from smtpy_desktop.printing import print_report

    return print_report(options, report, whose, paper)


async def _listen(
    options: Options,
    services: Services,
    on_state: Callable[[ListenerState], object],
    *,
    port: int | None,
    gives_up: bool,
) -> None:
    from smtpy_desktop.listening import listen_for_command, port_claims
    from smtpy_desktop.named_profiles import chosen_profile

    claims = port_claims(chosen_profile(options.profile))
    await listen_for_command(services, on_state, port=port, gives_up=gives_up, claims=claims)


def _forward(
    services: Services, choices: ForwarderChoices, on_state: Callable[[ForwardingState], object]
) -> RunningForwarder:
    from smtpy_desktop.forwarding_service import ForwardingService

    return ForwardingService(services, choices, on_state)


def _find_logs(options: Options) -> LogReader:
    from smtpy_desktop.gateways.log_files import logs_of
    from smtpy_desktop.named_profiles import chosen_profile

    profile = chosen_profile(options.profile)
    return logs_of(profile.logs, profile.postgres)


def _profiles() -> ProfileTools:
    from smtpy_desktop.named_profiles import profile_tools

    return profile_tools()


def _support(options: Options) -> AbstractAsyncContextManager[SupportSources]:
    from smtpy_desktop.support import open_for_support

    return open_for_support(options.profile, options.database_url)


def _run_loop(work: Coroutine[Any, Any, Any]) -> Any:
    from smtpy_desktop.runtime.async_thread import new_selector_loop

    factory: Callable[[], asyncio.AbstractEventLoop] = new_selector_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(work)
