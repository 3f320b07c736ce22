"""Figure *messages_page*: the messages from opening, another order or another filter to the first rows painted."""

from __future__ import annotations

from functools import partial

import psycopg
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from benchmarks.figure import Figure, tell
from benchmarks.measuring import percentile
from benchmarks.message_world import message_world, wanted_messages
from benchmarks.messages_painted import Act, Painted, Step, measure_steps
from benchmarks.messages_trial import messages_page, open_messages
from benchmarks.window_trial import Script, run_in_window, until_calm
from smtpy_desktop.schemas.identifiers import OrganizationId
from smtpy_desktop.views.domains_view import DomainsView
from smtpy_desktop.views.messages_view import MessagesView
from smtpy_desktop.window_app import WindowApp

_ROUNDS = 3
_PERCENT = 95
_FILTERS = (
    "status:delivered",
    "status:pending",
    "status:failed,bounced,rejected",
    "after:7d",
    "before:300d",
    "has:attachment",
    "larger:1M",
)
_SORTED_FILTERS = ("", "status:failed", "after:30d")


def main() -> None:
    """Measure and tell the figure."""
    warm, painted = Painted(), Painted()
    with message_world() as world, world.connect() as bare:

        def script(app: WindowApp, domains: DomainsView) -> Script:
            yield from open_messages(app)
            steps = _steps(app, messages_page(app), bare)
            yield from measure_steps(app, bare, steps, warm)  # the first round fills the database's cache
            for _ in range(_ROUNDS):
                yield from measure_steps(app, bare, steps, painted)
            yield until_calm(app)

        run_in_window(world, script)
    tell(_figure(painted))


def _steps(app: WindowApp, page: MessagesView, bare: psycopg.Connection) -> list[Step]:
    """Open, sort by every column that is shown, filter, and sort what is filtered."""
    busy, quiet = _domains(bare)
    steps = [Step("open", page.list.show_newest)]
    for text in (*_SORTED_FILTERS, f"domain:{quiet}"):
        steps.append(Step(f"filter {text or 'nothing'}", _search(page, text)))
        steps += _clicks(page, text)
    for text in (*_FILTERS, f"domain:{busy}", f"domain:{busy} status:failed"):
        steps += [Step(f"filter {text}", _search(page, text)), Step("filter nothing", _search(page, ""))]
    for organization in _organizations(bare):
        steps += [Step("organization", _choose(app, organization)), Step("all organizations", _choose(app, None))]
    return steps


def _clicks(page: MessagesView, text: str) -> list[Step]:
    """Click on the header of every column that can be sorted by, twice: up and down; newest first again at the end."""
    header = page.list.table.horizontalHeader()
    sections = [number for number, column in enumerate(page.list.model.columns) if column.sortable]

    def click(section: int) -> None:
        place = QPoint(header.sectionViewportPosition(section) + 12, header.height() // 2)
        QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)

    steps = [
        Step(f"sort by {page.list.model.columns[section].id} of {text or 'all'}", partial(click, section))
        for section in sections
        if not header.isSectionHidden(section)
        for _ in range(2)
    ]
    return [*steps, Step("newest first", _newest_first(page))]


def _newest_first(page: MessagesView) -> Act:
    def sort() -> None:
        page.list.sort_newest_first()
        page.list.show_newest()

    return sort


def _search(page: MessagesView, text: str) -> Act:
    return lambda: page.bar.set_text(text) if page.bar.text != text else page.list.show_newest()


def _choose(app: WindowApp, organization: int | None) -> Act:
    assert app.pages is not None
    choice = app.pages.context.choice
    return lambda: choice.choose(None if organization is None else OrganizationId(organization))


def _domains(bare: psycopg.Connection) -> tuple[str, str]:
    """Return the names of the busiest domain and of one in the middle."""
    names = [
        row[0]
        for row in bare.execute(
            "SELECT name FROM domains JOIN message_hour_counts ON domain_id = domains.id "
            "GROUP BY name ORDER BY sum(count) DESC"
        )
    ]
    return names[0], names[len(names) // 2]


def _organizations(bare: psycopg.Connection) -> list[int]:
    """Return two organizations."""
    return [row[0] for row in bare.execute("SELECT id FROM organizations ORDER BY id LIMIT 2")]


def _figure(painted: Painted) -> Figure:
    note = (
        f"{wanted_messages():,} messages; p{_PERCENT} over {len(painted.all_ours)} openings, clicks on headers and "
        f"changes of filters and organization, to the end of the paint event; the longest {painted.slowest}; "
        "reference: the same statements by bare psycopg"
    )
    return Figure(
        "messages page: open / sort / filter until painted, p95",
        percentile(painted.all_ours, _PERCENT),
        percentile(painted.all_reference, _PERCENT),
        "ms",
        limit=100,
        bounds_ours=True,
        note=note,
    )


if __name__ == "__main__":
    main()
