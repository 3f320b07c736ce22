"""``smtpy-desktop notices``: what is wrong now, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from smtpy_desktop.commands.frame import Invocation, answer, pass_invocation, run
from smtpy_desktop.commands.lazy import lazy_module

if TYPE_CHECKING:
    from smtpy_desktop.controllers import notices_controller
    from smtpy_desktop.schemas.notices import Notice, NoticeBoard
else:
    notices_controller = lazy_module("smtpy_desktop.controllers.notices_controller")


@click.group()
def notices() -> None:
    """See what the window's bell would tell of."""


@notices.command("list")
@click.option("--all", "with_hidden", is_flag=True, help="Those that were put off and of muted kinds, too.")
@pass_invocation
def list_notices(invocation: Invocation, with_hidden: bool) -> None:
    """Look once, and list what is wrong now: the worst first.

    What only a window knows (whether its own listener and forwarder run) is not looked at. The exit status is 0
    whatever is found; scripts read "severity": bad, warning or info.
    """
    board: NoticeBoard = run(invocation, notices_controller.list_notices)
    hidden = (*board.snoozed, *board.muted) if with_hidden else ()
    muted = {one.id for one in board.muted}
    shapes = [_shape(one, is_muted=one.id in muted) for one in (*board.notices, *hidden)]
    answer(invocation, {"items": shapes, "total": len(shapes)}, _lines(board, hidden))


def _shape(notice: Notice, *, is_muted: bool) -> dict[str, Any]:
    action = notice.action
    return {
        "kind": notice.kind.value,
        "key": notice.key,
        "severity": notice.severity.value,
        "message": str(notice.message),
        "hint": str(notice.hint),
        "since": notice.since.isoformat(),
        "page": action.page if action is not None else None,
        "argument": action.argument if action is not None else None,
        "snoozed_until": notice.snoozed_until.isoformat() if notice.snoozed_until is not None else None,
        "is_muted": is_muted,
    }


def _lines(board: NoticeBoard, hidden: Sequence[Notice]) -> str:
    lines = []
    for one in (*board.notices, *hidden):
        lines.append(f"{one.severity.value:<8} {one.message}  (since {one.since:%Y-%m-%d %H:%M} UTC)")
        lines.append(f"         {one.hint}")
    if not board.notices:
        lines.insert(0, "Nothing: all is well.")
    left = len(board.snoozed) + len(board.muted) - len(hidden)
    if left:
        lines.append(f"Not listed, as they were put off or their kind is muted: {left} (--all lists them).")
    return "\n".join(lines)
