"""Figure *messages_search*: the newest messages with a common or a rare word, from the search to the rows painted."""

from __future__ import annotations

from functools import partial

import psycopg

from benchmarks.figure import Figure, tell
from benchmarks.measuring import percentile
from benchmarks.message_world import message_world, wanted_messages
from benchmarks.messages_painted import Painted, Step, measure_steps
from benchmarks.messages_trial import messages_page, open_messages
from benchmarks.window_trial import Script, run_in_window, until_calm
from smtpy_desktop.views.domains_view import DomainsView
from smtpy_desktop.views.messages_view import MessagesView
from smtpy_desktop.window_app import WindowApp

_ROUNDS = 4
_PERCENT = 95
_COMMON = ("invoice", "meeting", "hello", "thank", "example.com", "from:news", "subject:report", '"security alert"')
_BETWEEN = ("frühstück", "garden has:attachment", "invoice status:failed", "invoice hello", "error:greylisted")
_RARE_WORDS = 4


def main() -> None:
    """Measure and tell the figure."""
    warm, painted = Painted(), Painted()
    with message_world() as world, world.connect() as bare:

        def script(app: WindowApp, domains: DomainsView) -> Script:
            yield from open_messages(app)
            page = messages_page(app)
            page.list.sort_newest_first()
            steps = _steps(page, (*_COMMON, *_BETWEEN, *_rare(bare)))
            yield from measure_steps(app, bare, steps, warm)  # the first round fills the database's cache
            for _ in range(_ROUNDS):
                yield from measure_steps(app, bare, steps, painted)
            yield until_calm(app)

        run_in_window(world, script)
    tell(_figure(painted))


def _steps(page: MessagesView, texts: tuple[str, ...]) -> list[Step]:
    search = page.bar.set_text
    clear = Step("clear", partial(search, ""), is_measured=False)
    return [step for text in texts for step in (Step(text, partial(search, text)), clear)]


def _rare(bare: psycopg.Connection) -> tuple[str, ...]:
    """Return numbers that a handful of subjects hold."""
    rows = bare.execute(
        "SELECT substring(subject FROM '^Invoice ([0-9]+)$') FROM messages WHERE subject ~ '^Invoice [0-9]+$' LIMIT %s",
        [_RARE_WORDS],
    )
    return tuple(row[0] for row in rows)


def _figure(painted: Painted) -> Figure:
    note = (
        f"{wanted_messages():,} messages; p{_PERCENT} over {len(painted.all_ours)} searches for common and rare words, "
        f"newest first, to the end of the paint event, the box's wait for the next key not counted; the longest "
        f"{painted.slowest}; reference: the same statements by bare psycopg"
    )
    return Figure(
        "messages search: newest rows painted, p95",
        percentile(painted.all_ours, _PERCENT),
        percentile(painted.all_reference, _PERCENT),
        "ms",
        limit=150,
        bounds_ours=True,
        note=note,
    )


if __name__ == "__main__":
    main()
