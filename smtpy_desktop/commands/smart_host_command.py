"""``smtpy-desktop forwarder check-smarthost`` and ``smarthost-password``: does it let us in, and with what."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from smtpy_desktop.commands.frame import Invocation, answer, pass_invocation, run
from smtpy_desktop.commands.lazy import lazy_module
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.text import text

if TYPE_CHECKING:
    from smtpy_desktop.controllers import smart_host_controller
    from smtpy_desktop.controllers.services import Services
    from smtpy_desktop.schemas.smart_host import PasswordReport, SmartHostFinding
else:
    smart_host_controller = lazy_module("smtpy_desktop.controllers.smart_host_controller")

_SOURCES = {
    None: "No password is kept.",
    "environment": "The password is in the variable {variable}.",
    "file": "The password is in the file that {variable} names.",
    "keyring": "The password is kept in the keyring.",
}


@click.command("check-smarthost")
@pass_invocation
def check_smarthost(invocation: Invocation) -> None:
    """Connect to the smart host and sign in as a forwarder does, without sending mail; 1 when it does not let us in."""

    async def work(services: Services) -> SmartHostFinding:
        return await smart_host_controller.try_smart_host(services.sessions, services.asker, services.smart_host_tools)

    finding = run(invocation, work)
    answer(invocation, _shape(finding), "\n".join(_lines(finding)))


@click.command("smarthost-password")
@click.option("--forget", is_flag=True, help="Forget the password.")
@click.option("--show-source", is_flag=True, help="Only tell where the password comes from.")
@pass_invocation
def smarthost_password(invocation: Invocation, forget: bool, show_source: bool) -> None:
    """Keep the password of the smart host in the keyring: it is asked for, or read from standard input.

    A forwarder without a keyring is given it by the file that SMTPY_SMARTHOST_PASSWORD_FILE names.
    """
    if forget and show_source:
        raise click.UsageError("--forget and --show-source do not go together.")

    async def work(services: Services) -> PasswordReport:
        tools, actor, publish = services.smart_host_tools, services.actor, services.publish
        if show_source:
            return await smart_host_controller.read_password(tools)
        if forget:
            return await smart_host_controller.forget_password(services.sessions, tools, actor=actor, publish=publish)
        return await smart_host_controller.store_password(
            services.sessions, tools, _ask(), actor=actor, publish=publish
        )

    report = run(invocation, work)
    if report.source == "this-run":
        raise _not_kept(report)
    told = [_SOURCES[report.source].format(variable=report.variable)]
    told += [str(part) for part in (report.problem, report.hint) if part is not None]
    answer(invocation, {"source": report.source, "variable": report.variable or None}, "\n".join(told))


def _not_kept(report: PasswordReport) -> UserFacingError:
    return UserFacingError(
        "SMARTHOST_PASSWORD_NOT_KEPT",
        text("The password was not kept."),
        detail=report.problem,
        hint=text(
            "Write it into a file that only the forwarder reads, and name that in SMTPY_SMARTHOST_PASSWORD_FILE."
        ),
    )


def _ask() -> str:
    """Return what is typed unseen at a terminal, or the line that another program writes."""
    if sys.stdin.isatty():
        return str(click.prompt("Password of the smart host", hide_input=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


def _shape(finding: SmartHostFinding) -> dict[str, Any]:
    return {
        "host": finding.host,
        "address": finding.address,
        "tls": finding.tls,
        "certificate_name": finding.certificate_name or None,
        "certificate_issuer": finding.certificate_issuer or None,
        "certificate_ends": finding.certificate_ends.isoformat() if finding.certificate_ends else None,
        "certificate_checked": finding.is_checked,
        "signed_in_as": finding.signed_in_as or None,
        "mechanism": finding.mechanism or None,
        "largest_message": finding.largest_message,
    }


def _lines(finding: SmartHostFinding) -> list[str]:
    lines = [f"{finding.host} [{finding.address}] lets us in."]
    lines.append(f"Encryption: {finding.tls or 'none'}")
    if finding.certificate_name:
        issuer = f", by {finding.certificate_issuer}" if finding.certificate_issuer else ""
        ends = f", until {finding.certificate_ends:%Y-%m-%d}" if finding.certificate_ends else ""
        checked = "" if finding.is_checked else " (not checked)"
        lines.append(f"Certificate: {finding.certificate_name}{issuer}{ends}{checked}")
    lines.append(
        f"Signed in as {finding.signed_in_as} ({finding.mechanism})" if finding.signed_in_as else "Without a user name"
    )
    if finding.largest_message:
        lines.append(f"Largest message: {finding.largest_message // (1024 * 1024)} MiB")
    return lines
