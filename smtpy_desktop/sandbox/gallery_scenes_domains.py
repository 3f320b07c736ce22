"""Scenes of the overview, the domains and what is asked about them."""

from __future__ import annotations

from functools import partial

from PySide6.QtTest import QTest

from smtpy_desktop.controllers import domains_controller
from smtpy_desktop.sandbox.gallery_stage import Script, Sketch, Stage, dialog_over
from smtpy_desktop.sandbox.sample_catalogue import MOVING_DOMAIN, NORTHWIND
from smtpy_desktop.sandbox.tour_hands import Until
from smtpy_desktop.schemas.domains import DomainDetails
from smtpy_desktop.schemas.identifiers import DomainId
from smtpy_desktop.views.domains_actions import CONFIRM_ABOVE
from smtpy_desktop.views.domains_filters import DomainFilters
from smtpy_desktop.views.report_dialog import ReportDialog

_BROKEN, _SOUND = "delta-archive.example", "brightwater.example"


def _overview(stage: Stage) -> Script:
    yield from stage.page("overview")
    yield from stage.until("figures are shown", lambda: stage.pages.overview.statistics is not None)
    yield stage.window


def _domains(stage: Stage) -> Script:
    yield from stage.page("domains")
    yield from stage.select(stage.pages.domains.list.table, _SOUND)
    yield stage.window


def _domains_wrong(stage: Stage) -> Script:
    yield from stage.page("domains")
    page = stage.pages.domains
    yield from stage.select(page.list.table, _BROKEN)
    page.split.show_details(True)
    yield from stage.calm()
    yield stage.window


def _domains_several(stage: Stage) -> Script:
    yield from stage.page("domains")
    table = stage.pages.domains.list.table
    table.selectAll()
    yield from stage.calm()
    yield stage.window
    table.clearSelection()


def _domains_nothing_selected(stage: Stage) -> Script:
    yield from stage.page("domains")
    stage.pages.domains.list.table.clearSelection()
    yield from stage.calm()
    yield stage.window


def _domains_no_match(stage: Stage) -> Script:
    yield from stage.page("domains")
    filters = stage.pages.domains.filters
    filters.set_filters(DomainFilters(text="nothing is called like this"))
    yield from stage.calm()
    yield stage.window
    filters.clear()


def _add_domain(stage: Stage, typed: str) -> Script:
    yield from stage.page("domains")
    dialog = stage.pages.domains.add_domain()
    QTest.keyClicks(dialog.name_edit, typed)
    if typed:
        dialog.add_button.click()  # none of them is added as it is
    yield from stage.calm()
    yield dialog


def _add_domains(stage: Stage) -> Script:
    yield from stage.page("domains")
    dialog = stage.pages.domains.add_domain()
    dialog.several_button.click()
    dialog.names_edit.setPlainText(f"{MOVING_DOMAIN}\nnot a domain\norchard-lane.example")
    yield from stage.calm()
    yield dialog


def _domain_dialog(stage: Stage, name: str, which: str) -> Script:
    yield from stage.page("domains")
    found: list[DomainDetails] = []
    stage.app.runner.run(
        domains_controller.find_domain(stage.context.services.sessions, name),
        owner=stage.window,
        on_success=found.append,
    )
    yield Until("the domain was read", lambda: bool(found))
    getattr(stage.pages.domains.commands, which)(DomainId(found[0].id))
    yield (yield from stage.dialog())


def _rename_organization(stage: Stage) -> Script:
    choice = stage.context.choice
    choice.choose(next(row.id for row in choice.organizations if row.name == NORTHWIND))
    yield from stage.calm()
    dialog = stage.pages.organizations.rename()
    yield from stage.calm()
    yield dialog or stage.window
    choice.choose(None)


def _report(stage: Stage) -> Script:
    yield from stage.page("overview")
    stage.pages.overview.report()
    dialog = yield from stage.dialog()
    yield Until("it is laid out", lambda: isinstance(dialog, ReportDialog) and dialog.is_laid_out)
    yield from stage.calm()
    yield dialog


def _verify_very_many(stage: Stage) -> None:
    """Ask as with a list that is longer than the samples; they are asked about only when somebody agrees."""
    stage.pages.domains.commands.verify([DomainId(number) for number in range(1, 2 * CONFIRM_ABOVE)])


DOMAINS_SCENES = (
    Sketch("domains", "Domains, one of them selected", _domains),
    Sketch("domains-wrong", "A domain whose records are wrong", _domains_wrong),
    Sketch("domains-several", "Several domains selected", _domains_several),
    Sketch("domains-none", "No domain selected", _domains_nothing_selected),
    Sketch("domains-no-match", "No domain matches", _domains_no_match),
    Sketch("domain-add", "Add a domain", partial(_add_domain, typed="")),
    Sketch(
        "domain-add-typed", "Add a domain, as it was pasted", partial(_add_domain, typed=f"https://{MOVING_DOMAIN}/a")
    ),
    Sketch("domain-add-wrong", "Add a domain, wrongly typed", partial(_add_domain, typed="mail server")),
    Sketch("domain-add-several", "Add several domains", _add_domains),
    Sketch("domain-history", "History of a domain", partial(_domain_dialog, name=_BROKEN, which="open_history")),
    Sketch("domain-settings", "Settings of a domain", partial(_domain_dialog, name=_SOUND, which="open_settings")),
    Sketch("domain-delete", "Delete a domain", partial(_domain_dialog, name=_SOUND, which="ask_to_delete")),
    Sketch(
        "domains-verify-all",
        "Verify all domains?",
        dialog_over("domains", _verify_very_many),
    ),
    Sketch(
        "organization-new", "New organization", dialog_over("domains", lambda stage: stage.pages.organizations.create())
    ),
    Sketch("organization-rename", "Rename an organization", _rename_organization),
    Sketch("overview", "Overview", _overview),
    Sketch(
        "overview-since",
        "Overview since a day",
        dialog_over("overview", lambda stage: stage.pages.overview.ask_since()),
    ),
    Sketch(
        "overview-range",
        "Overview of some days",
        dialog_over("overview", lambda stage: stage.pages.overview.ask_range()),
    ),
    Sketch("report", "A report", _report),
)
