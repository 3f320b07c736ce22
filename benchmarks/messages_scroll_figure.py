"""Figure *messages_scroll*: frame times while the list of messages is scrolled by wheel, key and thumb."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableView

from benchmarks.figure import Figure, tell
from benchmarks.measuring import percentile
from benchmarks.message_world import message_world
from benchmarks.messages_trial import (
    Act,
    Frames,
    bare_table,
    messages_page,
    open_messages,
    page_keys,
    press,
    shows_all_rows,
    thumb_moves,
    wheel_turns,
)
from benchmarks.window_trial import Script, run_in_window, until_calm
from smtpy_desktop.views.domains_view import DomainsView
from smtpy_desktop.window_app import WindowApp

_FRAME_MILLISECONDS = 17
_KEY_MILLISECONDS = 33  # the pace of a key that is held down
_ROUNDS = 2
_PERCENT = 99

Hand = tuple[str, Callable[[QTableView], list[Act]], int]

_HANDS: tuple[Hand, ...] = (
    ("wheel", lambda table: wheel_turns(table, 600), _FRAME_MILLISECONDS),
    ("key", lambda table: page_keys(table, 300), _KEY_MILLISECONDS),
    ("thumb", lambda table: thumb_moves(table, 600), _FRAME_MILLISECONDS),
)


@dataclass(slots=True)
class Measured:
    """Frame times in milliseconds by what scrolled, and in how many frames rows were still on their way."""

    ours: dict[str, list[float]] = field(default_factory=dict)
    reference: dict[str, list[float]] = field(default_factory=dict)
    blank: int = 0
    rows: int = 0


def main() -> None:
    """Measure and tell the figure."""
    measured = Measured()

    def script(app: WindowApp, domains: DomainsView) -> Script:
        yield from open_messages(app)
        yield from _measure(app, measured)

    with message_world() as world:
        run_in_window(world, script)
    tell(_figure(measured))


def _measure(app: WindowApp, measured: Measured) -> Script:
    page = messages_page(app)
    table = page.list.table
    measured.rows = page.list.model.rowCount()

    def look() -> None:
        measured.blank += not shows_all_rows(page)

    ours, bare = Frames(table, look), bare_table(table)
    theirs = Frames(bare)
    for _ in range(_ROUNDS):
        for name, hand, pace in _HANDS:
            for frames, scrolled, times in ((ours, table, measured.ours), (theirs, bare, measured.reference)):
                press(scrolled, Qt.Key.Key_Home)
                scrolled.scrollToTop()  # a bare table stays where it was dragged to when its first row is current
                yield until_calm(app)
                frames.begin(hand(scrolled), pace)
                yield lambda frames=frames: frames.is_over  # type: ignore[misc]
                times.setdefault(name, []).extend(frames.take())
    bare.close()


def _figure(measured: Measured) -> Figure:
    ours = [time for times in measured.ours.values() for time in times]
    reference = [time for times in measured.reference.values() for time in times]
    hands = ", ".join(f"{name} {percentile(times, _PERCENT):.1f}" for name, times in measured.ours.items())
    blank = measured.blank / len(ours)
    note = (
        f"{measured.rows:,} messages; p{_PERCENT} of {len(ours):,} frames from when the input was due to the end of "
        f"the paint event ({hands} ms; the longest {max(ours):.0f} ms); in {blank:.0%} of them some row was still on "
        "its way; reference: a bare QTableView on a constant model"
    )
    return Figure(
        "messages scroll: frame time p99",
        percentile(ours, _PERCENT),
        percentile(reference, _PERCENT),
        "ms",
        limit=16,
        bounds_ours=True,
        note=note,
    )


if __name__ == "__main__":
    main()
