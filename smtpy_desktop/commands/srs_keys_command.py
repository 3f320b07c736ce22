"""``smtpy-desktop forwarder rotate-srs-key``: lets a new key sign rewritten senders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from smtpy_desktop.commands.counting import counted
from smtpy_desktop.commands.frame import Invocation, answer, pass_invocation, run
from smtpy_desktop.commands.lazy import lazy_module

if TYPE_CHECKING:
    from smtpy_desktop.controllers import srs_keys_controller
else:
    srs_keys_controller = lazy_module("smtpy_desktop.controllers.srs_keys_controller")


@click.command("rotate-srs-key")
@pass_invocation
def rotate_srs_key(invocation: Invocation) -> None:
    """Let a new key sign rewritten senders; what earlier keys signed stays valid for its 30 days.

    Forwarders that run take the new key within five minutes.
    """
    earlier = run(
        invocation,
        lambda services: srs_keys_controller.rotate_srs_keys(services.sessions, services.keys, actor=services.actor),
    )
    line = f"A new key signs from now on. {counted(earlier, 'earlier key')} can still be checked with."
    answer(invocation, {"earlier_keys": earlier}, line)
