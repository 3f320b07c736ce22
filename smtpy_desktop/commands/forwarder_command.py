"""``smtpy-desktop forwarder``: takes mail in and delivers it without a window, until it is told to end."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import click

from smtpy_desktop.commands.frame import ForwarderChoices, Invocation, run
from smtpy_desktop.core.forwarder_settings import format_endpoint, parse_listen
from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.forwarding_state import Endpoint, ForwardingPhase, ForwardingState

if TYPE_CHECKING:
    from smtpy_desktop.controllers.services import Services

_SECONDS = click.FloatRange(0, 600)
_FILE = click.Path(dir_okay=False, path_type=Path)


class _Endpoint(click.ParamType[Endpoint]):
    """An IP address with a port."""

    name = "ADDRESS:PORT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Endpoint:
        if isinstance(value, tuple):
            return value
        try:
            found = parse_listen(str(value))
        except FieldError as error:
            self.fail(str(error), param, ctx)
        if len(found) != 1:
            self.fail(f"“{value}” is not one address and port.", param, ctx)
        return found[0]


class _ForwarderCommands(click.Group):
    """The commands that look after queue and keys and try mail out; their module is loaded when one is called."""

    _QUEUE: ClassVar = ("status", "queue", "hold", "release", "retry", "give-up", "books")
    _TRIALS: ClassVar = ("simulate", "test")
    _KEYS: ClassVar = ("rotate-srs-key",)
    _SMART_HOST: ClassVar = ("check-smarthost", "smarthost-password")
    _MODULES: ClassVar = {
        **dict.fromkeys(_QUEUE, "forwarder_queue_command"),
        **dict.fromkeys(_TRIALS, "simulate_command"),
        **dict.fromkeys(_KEYS, "srs_keys_command"),
        **dict.fromkeys(_SMART_HOST, "smart_host_command"),
    }

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._MODULES:
            return None
        module = importlib.import_module(f"smtpy_desktop.commands.{self._MODULES[cmd_name]}")
        # By its type alone: isinstance would load every module that is to be loaded when it is used.
        for each in vars(module).values():
            if issubclass(type(each), click.Command) and each.name == cmd_name:
                found: click.Command = each
                return found
        return None


_ENDPOINT = _Endpoint()


@click.group(cls=_ForwarderCommands, invoke_without_command=True)
@click.option("--listen", type=_ENDPOINT, multiple=True, help="Where SMTP is taken in; several times for several.")
@click.option("--lmtp", type=_ENDPOINT, multiple=True, help="Where a trusted server hands mail over by LMTP.")
@click.option("--share-port", is_flag=True, help="Let several forwarders of this machine listen at the same port.")
@click.option("--health", type=_ENDPOINT, help="Where GET /health and GET /metrics are answered.")
@click.option("--workers", type=click.IntRange(1, 1000), default=50, show_default=True, help="Deliveries at once.")
@click.option("--tls-certificate", type=_FILE, help="The certificate with its chain for STARTTLS (PEM).")
@click.option("--tls-key", type=_FILE, help="The certificate's key (PEM, not encrypted).")
@click.option("--drain-seconds", type=_SECONDS, default=25.0, show_default=True, help="Patience at the end.")
@click.option("--log-format", type=click.Choice(["json", "text"]), help="Log to standard error, a line for each mail.")
@click.pass_context
def forwarder(
    context: click.Context,
    listen: tuple[Endpoint, ...],
    lmtp: tuple[Endpoint, ...],
    share_port: bool,
    health: Endpoint | None,
    workers: int,
    tls_certificate: Path | None,
    tls_key: Path | None,
    drain_seconds: float,
    log_format: str | None,
) -> None:
    """Forward mail until the program is told to end; any number of these work on one database.

    SIGTERM lets it finish the deliveries under way, for --drain-seconds at most; what is not finished goes to the
    other forwarders. A second SIGTERM ends it at once. SIGHUP reads the certificate again.
    """
    if context.invoked_subcommand is not None:
        return
    if (tls_certificate is None) != (tls_key is None):
        raise click.UsageError("--tls-certificate and --tls-key belong together.")
    tls = (tls_certificate, tls_key) if tls_certificate is not None and tls_key is not None else None
    choices = ForwarderChoices(listen or None, lmtp, health, workers, drain_seconds, tls, log_format, share_port)
    invocation: Invocation = context.obj
    _forward(invocation, choices)


def _forward(invocation: Invocation, choices: ForwarderChoices) -> None:
    invocation.options = replace(invocation.options, service="forwarder")
    is_told = False

    def tell(state: ForwardingState) -> None:
        nonlocal is_told
        if state.phase is ForwardingPhase.RUNNING and not is_told:
            is_told = True
            _tell_ready(invocation, state)

    async def forward(services: Services) -> None:
        forwarding = invocation.forward(services, choices, tell)
        work = asyncio.ensure_future(forwarding.run())
        heeding = _signals(forwarding.stop, work.cancel, forwarding.reload_certificate)
        with heeding, contextlib.suppress(asyncio.CancelledError):
            await work

    run(invocation, forward)


def _tell_ready(invocation: Invocation, state: ForwardingState) -> None:
    """Print the line that says it is ready."""
    smtp, lmtp = ([format_endpoint(*one) for one in many] for many in (state.smtp, state.lmtp))
    if invocation.options.as_json:
        ready = {"forwarding": True, "name": state.name, "smtp": smtp, "lmtp": lmtp, "health": state.health}
        click.echo(json.dumps(ready))
        return
    ways = [f"SMTP at {', '.join(smtp)}"] if smtp else []
    ways += [f"LMTP at {', '.join(lmtp)}"] if lmtp else []
    ways += [f"health at {state.health}"] if state.health else []
    click.echo(f"forwarding mail: {'; '.join(ways)}")


@contextlib.contextmanager
def _signals(stop: Callable[[], object], kill: Callable[[], object], reload: Callable[[], object]) -> Iterator[None]:
    """Let SIGINT and SIGTERM stop the work within the block, the second time at once, and SIGHUP reload."""
    loop = asyncio.get_running_loop()
    told = False

    def end() -> None:
        nonlocal told
        (kill if told else stop)()
        told = True

    actions: dict[int, Callable[[], object]] = {signal.SIGINT: end, signal.SIGTERM: end}
    if hasattr(signal, "SIGHUP"):  # not on Windows
        actions[signal.SIGHUP] = reload

    def heed(number: int, frame: object) -> None:
        loop.call_soon_threadsafe(actions[number])

    before = {name: signal.signal(name, heed) for name in actions}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
