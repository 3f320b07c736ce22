"""Figure *messages_memory*: how much more memory the window takes after every message was scrolled past."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.figure import Figure, tell
from benchmarks.message_world import message_world
from benchmarks.messages_trial import messages_page, open_messages, shows_all_rows
from benchmarks.sample_domains import write_domains
from benchmarks.trial_profile import trial_profile
from benchmarks.window_trial import Script, run_in_window, until_calm
from smtpy_desktop.views.domains_view import DomainsView
from smtpy_desktop.window_app import WindowApp

_EMPTY = "--empty"
_PAGE_ROWS = 200
_DOMAINS, _ORGANIZATIONS = 500, 20


def main() -> None:
    """Measure and tell the figure; with ``--empty`` print what the window takes over an empty table."""
    if _EMPTY in sys.argv:
        print(_measure_empty())
        return
    command = [sys.executable, "-m", "benchmarks.messages_memory_figure", _EMPTY]
    empty = int(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.split()[-1])
    walked: list[int] = []

    def script(app: WindowApp, domains: DomainsView) -> Script:
        yield from open_messages(app)
        walked.append(_most_memory())
        yield from _walk(app)
        walked.extend((_most_memory(), messages_page(app).list.model.rowCount()))

    with message_world() as world:
        run_in_window(world, script)
    tell(_figure(empty, *walked))


def _measure_empty() -> int:
    def script(app: WindowApp, domains: DomainsView) -> Script:
        app.window.show_page("messages")
        page = messages_page(app)
        yield page.empty_states.nothing_yet.isVisible
        yield until_calm(app)

    with trial_profile() as profile:
        with profile.connect() as connection:
            write_domains(connection, _DOMAINS, _ORGANIZATIONS)
        run_in_window(profile, script)
    return _most_memory()


def _walk(app: WindowApp) -> Script:
    """Go from page to page, and on only when the rows are there."""
    page = messages_page(app)
    table = page.list.table
    for first in range(0, page.list.model.rowCount(), _PAGE_ROWS):
        table.verticalScrollBar().setValue(first * table.verticalHeader().defaultSectionSize())
        yield lambda: shows_all_rows(page)


def _most_memory() -> int:
    """Return the most memory that this process has had so far, in kB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


def _figure(empty: int, opened: int, walked: int, rows: int) -> Figure:
    note = (
        f"the most that the window takes after {rows:,} messages were scrolled past page by page, above what it took "
        f"with an empty table (the reference) or before scrolling, whichever is less; {(walked - opened) / 1024:.0f} "
        "MB came while scrolling"
    )
    # Making the empty database takes memory as well: what is less, is nearer to a window that only shows nothing.
    return Figure(
        "messages: memory growth while walking through all rows",
        (walked - min(empty, opened)) / 1024,
        empty / 1024,
        "MB",
        limit=50,
        bounds_ours=True,
        note=note,
    )


if __name__ == "__main__":
    main()
