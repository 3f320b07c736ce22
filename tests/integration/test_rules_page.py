"""The rules among the details of an alias, used as a person does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot
from sqlalchemy import insert

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers import rules_controller
from smtpy_desktop.database.models import RuleMatches
from smtpy_desktop.schemas.rules import Rule, RuleAction
from smtpy_desktop.views.rule_dialog import RuleDialog
from smtpy_desktop.views.rule_words import NO_ATTACHMENT
from smtpy_desktop.views.rules_card import RulesCard
from tests.helpers.aliases_page import AliasesPage, open_aliases_page
from tests.helpers.rules_world import draft


@pytest.fixture
def page(qtbot: QtBot, database_url: str, tmp_path: Path) -> Iterator[AliasesPage]:
    """Give the page with the alias info@a.example selected."""
    with open_aliases_page(qtbot, database_url, tmp_path) as opened:
        opened.add("info@a.example", "box@out.example")
        opened.settle()
        opened.select("info@a.example")
        yield opened


def card(page: AliasesPage) -> RulesCard:
    return page.view.details.rules


def add(page: AliasesPage, owner: str, name: str, action: str = "refuse") -> Rule:
    services = page.world.context.services
    found = page.world.run(rules_controller.find_owner(services.sessions, owner))
    rule: Rule = page.world.run(
        rules_controller.add_rule(
            services.sessions,
            found,
            draft(action, ("subject_contains", name), name=name),
            actor=services.actor,
            publish=services.publish,
        )
    )
    page.settle()
    return rule


def shown(page: AliasesPage) -> list[str]:
    return [row.rule.name for row in card(page).rows if row.rule is not None]


def stored(page: AliasesPage, owner: str = "info@a.example") -> tuple[Rule, ...]:
    sessions = page.world.context.services.sessions
    found = page.world.run(rules_controller.find_owner(sessions, owner))
    rules: tuple[Rule, ...] = page.world.run(
        rules_controller.owner_rules(sessions, found.domain_id, found.alias_id)
    ).rules
    return rules


def choose(dialog: RuleDialog, action: RuleAction) -> None:
    dialog.action_box.setCurrentIndex(dialog.action_box.findData(action.value))


def menu_action(page: AliasesPage, place: int, words: str) -> None:
    menu = card(page).rows[place].build_menu()
    next(action for action in menu.actions() if words in action.text()).trigger()
    menu.close()
    page.settle()


def test_a_rule_says_what_it_does_while_it_is_typed_and_is_added(page: AliasesPage) -> None:
    dialog = card(page).add()
    assert dialog is not None
    first = dialog.conditions.rows[0]
    empty = dialog.sentence.text.text()
    first.value_edit.setText("example.com")
    second = dialog.conditions.add()
    second.field_box.setCurrentIndex(second.field_box.findData("larger_than"))
    second.value_edit.setText("5 MB")
    dialog.conditions.edited.emit()
    whole = dialog.sentence.text.text()
    page.bot.keyClick(second.value_edit, Qt.Key.Key_Return)
    page.settle()

    assert "Fill the condition in" in empty
    assert whole == "Mail from anything@example.com larger than 5 MB is refused."
    assert whole in page.texts(card(page))
    assert page.told().text == "The rule for info@a.example was added."
    assert len(stored(page)) == 1


def test_what_is_wrong_stands_beside_its_condition_or_its_targets(page: AliasesPage) -> None:
    dialog = card(page).add()
    assert dialog is not None
    dialog.conditions.rows[0].value_edit.setText("exam ple.com")
    dialog.save_button.click()
    page.settle()
    first = dialog.conditions.rows[0].error_text
    dialog.conditions.rows[0].use_button.click()
    choose(dialog, RuleAction.REDIRECT)
    dialog.targets_edit.setPlainText("info@a.example")
    page.bot.waitUntil(lambda: bool(dialog.form.errors))

    assert "not allowed in a domain name" in first
    assert dialog.conditions.rows[0].value_edit.text() == "example.com"
    assert "would forward to itself" in dialog.form.errors["targets"]
    assert stored(page) == ()
    dialog.reject()


def test_a_rule_without_attachment_comes_back_as_it_was_chosen(page: AliasesPage) -> None:
    dialog = card(page).add()
    assert dialog is not None
    box = dialog.conditions.rows[0].field_box
    box.setCurrentIndex(box.findData(NO_ATTACHMENT))
    choose(dialog, RuleAction.FORWARD)
    dialog.targets_edit.setPlainText("copy@out.example")
    dialog.save_button.click()
    page.settle()
    again = card(page).commands.edit(card(page)._found.owner, stored(page)[0])  # type: ignore[union-attr]

    assert "without attachment" in page.texts(card(page))
    assert again.conditions.rows[0].field_box.currentData() == NO_ATTACHMENT
    assert again.targets_edit.toPlainText() == "copy@out.example"
    again.reject()


def test_rules_are_put_in_order_by_button_and_by_key(page: AliasesPage) -> None:
    for name in "abc":
        add(page, "info@a.example", name)
    card(page).rows[2].up_button.click()
    page.settle()
    by_button = shown(page)
    row = card(page).rows[0]
    row.edit_button.setFocus()
    page.bot.keyClick(row.edit_button, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    page.settle()

    assert (by_button, shown(page)) == (list("acb"), list("cab"))
    assert [rule.name for rule in stored(page)] == list("cab")
    assert getattr(row.rule, "name", "") == "a"  # the row has stayed, and the keyboard with it
    assert not card(page).rows[0].up_button.isEnabled()
    assert not card(page).rows[2].down_button.isEnabled()


def test_switching_off_and_deleting_are_taken_back(page: AliasesPage) -> None:
    add(page, "info@a.example", "a")
    add(page, "info@a.example", "b")
    menu_action(page, 0, "off")
    off = [rule.is_active for rule in stored(page)]
    page.press_undo()
    on = [rule.is_active for rule in stored(page)]
    menu_action(page, 0, "Delete")
    gone = shown(page)
    page.press_undo()

    assert (off, on, gone) == ([False, True], [True, True], ["b"])
    assert shown(page) == ["a", "b"]


def test_counters_follow_the_mail(page: AliasesPage) -> None:
    rule = add(page, "info@a.example", "a")

    async def count() -> None:
        async with page.world.database.begin() as db:
            await db.execute(insert(RuleMatches).values(rule_id=rule.id, matches=12))

    page.world.run(count())
    page.world.context.bus.publish(Change(Topic.MESSAGES))
    page.bot.waitUntil(lambda: "Matched 12 times" in page.texts(card(page)))

    assert "last just now" in page.texts(card(page))


def test_the_rules_of_the_domain_stand_below_and_lead_there(page: AliasesPage) -> None:
    add(page, "a.example", "casino")
    text = page.texts(card(page))

    card(page).domain_button.click()

    assert "Then the rules of a.example:" in text
    assert "Mail with “casino” in the subject is refused." in text
    assert page.asked_for == [page.domains[0]]
    assert card(page).rows == ()


def test_every_button_of_a_row_says_which_rule_it_means(page: AliasesPage) -> None:
    add(page, "info@a.example", "a")
    add(page, "info@a.example", "b")

    names = [button.accessibleName() for row in card(page).rows for button in row.findChildren(QAbstractButton)]

    assert len(set(names)) == len(names) == 8
