"""Scenes of the aliases, their rules, what can be tried out, and the forwarder."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QTabBar

from smtpy_desktop.sandbox.gallery_stage import Script, Sketch, Stage, dialog_over, page_scene
from smtpy_desktop.sandbox.tour_hands import Until
from smtpy_desktop.schemas.queue import QueueAction
from smtpy_desktop.views.aliases_filters import AliasFilters
from smtpy_desktop.views.forwarder_actions import everything_target

_OWNER = "invoices@brightwater.example"
_UNUSED = "old-shop@"
"""Where the samples have such an alias, it is switched off."""
_MESSAGE = (
    "From: Choir <office@st-anne.example>\nTo: invoices@brightwater.example\nSubject: Seats for Saturday\n"
    "Message-ID: <seats@st-anne.example>\n\nFour seats, please.\n"
)
_LIST = (
    "address,targets,active,note\n"
    "concerts@brightwater.example,box.office@letterbox.example,yes,Tickets\n"
    "concerts@nobody.example,box.office@letterbox.example,yes,\n"
    "two words@brightwater.example,box.office@letterbox.example,yes,\n"
)


def _one_alias(stage: Stage, address: str = _OWNER) -> Script:
    """Show one alias alone, selected."""
    yield from stage.page("aliases")
    page = stage.pages.aliases
    page.filters.set_filters(AliasFilters(text=address))
    yield from stage.calm()
    yield from stage.select(page.list.table, address)
    page.split.show_details(True)
    yield from stage.calm()


def _alias(stage: Stage, address: str) -> Script:
    yield from _one_alias(stage, address)
    yield stage.window
    stage.pages.aliases.filters.clear()


def _several_aliases(stage: Stage) -> Script:
    yield from stage.page("aliases")
    stage.pages.aliases.list.table.selectAll()
    yield from stage.calm()
    yield stage.window
    stage.pages.aliases.list.table.clearSelection()


def _no_alias_matches(stage: Stage) -> Script:
    yield from stage.page("aliases")
    filters = stage.pages.aliases.filters
    filters.set_filters(AliasFilters(text="nobody-is-called-like-this"))
    yield from stage.calm()
    yield stage.window
    filters.clear()


def _add_alias(stage: Stage, address: str, targets: str) -> Script:
    yield from stage.page("aliases")
    dialog = stage.pages.aliases.add()
    dialog.address_edit.setText(address)
    dialog.address_edit.textEdited.emit(address)
    dialog.targets_edit.setPlainText(targets)
    yield from stage.calm()
    yield dialog


def _change_alias(stage: Stage) -> Script:
    yield from _one_alias(stage)
    stage.pages.aliases.details.edit_button.click()
    yield (yield from stage.dialog())
    stage.pages.aliases.filters.clear()


def _import_aliases(stage: Stage, typed: str) -> Script:
    yield from stage.page("aliases")
    dialog = stage.pages.aliases.import_list(from_file=False)
    dialog.list_edit.setPlainText(typed)
    yield from stage.calm()
    yield dialog


def _add_rule(stage: Stage, typed: str) -> Script:
    yield from _one_alias(stage)
    dialog = stage.pages.aliases.details.rules.add()
    if dialog is not None:
        dialog.conditions.rows[0].value_edit.setText(typed)
        dialog.targets_edit.setPlainText("box.office@letterbox.example")
    yield (yield from stage.dialog())
    stage.pages.aliases.filters.clear()


def _change_rule(stage: Stage) -> Script:
    yield from _one_alias(stage)
    rules = stage.pages.aliases.details.rules
    yield Until("the rules are shown", lambda: bool(rules.rows))
    rules.rows[0].edit_wanted.emit()
    yield (yield from stage.dialog())
    stage.pages.aliases.filters.clear()


def _simulate(stage: Stage, message: str) -> Script:
    yield from stage.page("aliases")
    dialog = stage.pages.trials.simulate(_OWNER if message else "")
    if message:
        dialog.sender_edit.setText("office@st-anne.example")
        dialog.client_edit.setText("192.0.2.77")
        dialog.source.setPlainText(message)
        dialog.simulate()
        yield Until("it was simulated", lambda: not dialog.is_busy)
    yield from stage.calm()
    yield dialog


def _test_message(stage: Stage, *, sends: bool) -> Script:
    yield from stage.page("aliases")
    dialog = stage.pages.trials.send_test(_OWNER)
    if sends:
        dialog.send()
        yield Until("the message has arrived", lambda: dialog.is_over)
    yield from stage.calm()
    yield dialog


def _forwarder(stage: Stage, tab: int) -> Script:
    yield from stage.page("forwarder")
    tabs: QTabBar = stage.pages.forwarder.lists.tabs
    tabs.setCurrentIndex(tab)
    yield from stage.calm()
    table = stage.pages.forwarder.lists.current.table
    if table.model().rowCount():
        table.selectRow(0)
    yield from stage.calm()
    yield stage.window
    table.clearSelection()
    tabs.setCurrentIndex(0)


def _give_up(stage: Stage) -> None:
    stage.pages.forwarder.act(QueueAction.GIVE_UP, everything_target())


MAIL_SCENES = (
    Sketch("aliases", "Aliases", page_scene("aliases")),
    Sketch("aliases-rules", "An alias with rules", partial(_alias, address=_OWNER)),
    Sketch("aliases-off", "An alias that is switched off", partial(_alias, address=_UNUSED)),
    Sketch("aliases-several", "Several aliases selected", _several_aliases),
    Sketch("aliases-no-match", "No alias matches", _no_alias_matches),
    Sketch("alias-add", "Add an alias", partial(_add_alias, address="", targets="")),
    Sketch(
        "alias-add-wrong",
        "Add an alias, wrongly typed",
        partial(_add_alias, address="info@brightwater.example", targets="no address"),
    ),
    Sketch("alias-change", "Change an alias", _change_alias),
    Sketch("aliases-import", "Import aliases", partial(_import_aliases, typed="")),
    Sketch("aliases-import-preview", "Import aliases: what would come", partial(_import_aliases, typed=_LIST)),
    Sketch("rule-add", "Add a rule", partial(_add_rule, typed="ticketdesk.example")),
    Sketch("rule-change", "Change a rule", _change_rule),
    Sketch("simulator", "Simulate a message", partial(_simulate, message="")),
    Sketch("simulator-result", "What would happen to a message", partial(_simulate, message=_MESSAGE)),
    Sketch("test-message", "Send a test message", partial(_test_message, sends=False)),
    Sketch("test-message-sent", "A test message that has arrived", partial(_test_message, sends=True)),
    Sketch("forwarder", "Forwarder: the queue", partial(_forwarder, tab=0)),
    Sketch("forwarder-books", "Forwarder: the books", partial(_forwarder, tab=1)),
    Sketch("forwarder-processes", "Forwarder: the processes", partial(_forwarder, tab=2)),
    Sketch("forwarder-give-up", "Give deliveries up?", dialog_over("forwarder", _give_up)),
)
