"""``smtpy-desktop messages retention``: remove what is past its time, now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from smtpy_desktop.commands.counting import counted
from smtpy_desktop.commands.frame import Invocation, answer, pass_invocation, run
from smtpy_desktop.commands.lazy import lazy_module
from smtpy_desktop.schemas.retention import RetentionNumbers, RetentionRule

if TYPE_CHECKING:
    from smtpy_desktop.controllers import retention_controller
    from smtpy_desktop.controllers.services import Services
else:
    retention_controller = lazy_module("smtpy_desktop.controllers.retention_controller")


@click.command("retention")
@click.option("--dry-run", is_flag=True, help="Only tell how much is past its time.")
@pass_invocation
def remove_expired(invocation: Invocation, dry_run: bool) -> None:
    """Remove what is past its time, by retention.messages_days, retention.contents_days and retention.events_days.

    An open window does the same every hour. What waits to be delivered is never removed.
    """

    async def remove(services: Services) -> tuple[RetentionRule, RetentionNumbers]:
        rule = await retention_controller.retention_rule(services.sessions)
        if dry_run:
            return rule, await retention_controller.count_expired(services.sessions, rule)
        gone = await retention_controller.remove_expired(
            services.sessions, actor=services.actor, publish=services.publish
        )
        return rule, gone

    rule, numbers = run(invocation, remove)
    shape = {
        "dry_run": dry_run,
        "messages_days": rule.messages_days,
        "contents_days": rule.contents_days,
        "events_days": rule.events_days,
        "messages": numbers.messages,
        "contents": numbers.contents,
        "events": numbers.events,
    }
    answer(invocation, shape, _sentence(rule, numbers, dry_run=dry_run))


def _sentence(rule: RetentionRule, numbers: RetentionNumbers, *, dry_run: bool) -> str:
    if rule == RetentionRule():
        return "Messages, contents and events are kept for ever."
    if numbers.is_nothing:
        return "Nothing is past its time."
    done = "Past their time" if dry_run else "Removed"
    messages, contents = counted(numbers.messages, "message"), counted(numbers.contents, "content")
    return f"{done}: {messages}, {contents} of other messages, {counted(numbers.events, 'event')} of Stripe."
