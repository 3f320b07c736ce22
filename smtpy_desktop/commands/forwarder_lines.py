"""What the commands of forwarders and of the books print for people."""

from __future__ import annotations

from datetime import datetime

from smtpy_desktop.commands.forwarder_shapes import flow_shape
from smtpy_desktop.commands.json_shapes import time_shape
from smtpy_desktop.commands.text_table import text_table
from smtpy_desktop.core.bounce_advice import advice_for
from smtpy_desktop.core.bounce_kinds import SIGN_IN_TROUBLES, BounceClass
from smtpy_desktop.schemas.books import BookClass, Books
from smtpy_desktop.schemas.forwarder import ForwarderState
from smtpy_desktop.schemas.queue import ForwarderPicture

_WHY = {
    BookClass.GONE: "is not there any more, and nothing says who removed it",
    BookClass.IDLE: "is said to be under way, and nothing is left that would send it",
    BookClass.REOPENED: "is said to be done, and deliveries of it still wait",
    BookClass.STUCK: "was being sent by a forwarder that has not been heard of since",
}


def status_lines(picture: ForwarderPicture) -> str:
    """Return processes, queue and flow."""
    headings = ("Forwarder", "Host", "State", "Version", "Listens at", "Last sign of life")
    rows = [
        (one.name, one.host, one.state.value, one.version, one.listen, _when(one.seen_at)) for one in picture.processes
    ]
    queue, flow = picture.queue, flow_shape(picture.minutes)
    lines = [
        text_table(headings, rows)
        if rows
        else "No forwarder has been seen for a day. Start one with: smtpy-desktop forwarder",
        "",
        *_not_let_in(picture),
        f"Waiting {queue.waiting}, sending {queue.sending}, held {queue.held}; oldest {_when(queue.oldest_at)}",
        f"In the last hour: accepted {flow['accepted']}, delivered {flow['delivered']}",
    ]
    return "\n".join(lines)


def _not_let_in(picture: ForwarderPicture) -> list[str]:
    """Return why the smart host does not let forwarders in, each reason once."""
    running = [one for one in picture.processes if one.state is ForwarderState.RUNNING]
    troubles = {name for one in running for name in one.counters if name in SIGN_IN_TROUBLES}
    return [f"{advice_for(BounceClass(name)).heading}: all mail waits." for name in sorted(troubles)]


def books_lines(found: Books) -> str:
    """Return the books, and why each message in a difference is there."""
    if not found.lines:
        return "Nothing was accepted in this time."
    headings = ("Hour", "Accepted", "Delivered", "Bounced", "Failed", "Rejected", "Waiting", "Removed", "Difference")
    rows = [
        (
            time_shape(line.hour),
            line.accepted,
            line.delivered,
            line.bounced,
            line.failed,
            line.rejected,
            line.waiting,
            line.removed,
            line.difference,
        )
        for line in found.lines
    ]
    table = text_table(headings, rows)
    if not found.difference:
        return f"{table}\n\nThe books balance."
    reasons = [f"Message {one.message_id} {_WHY[one.kind]}." for one in found.suspects]
    return "\n".join((table, "", *reasons))


def _when(moment: datetime | None) -> str:
    return time_shape(moment) or "-"
