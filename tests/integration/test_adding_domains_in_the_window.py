"""Adding domains in the window: what is wrong stands beside the field, and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from smtpy_desktop.database.engine import Database
from smtpy_desktop.gateways.master_key_gateway import MasterKeyGateway
from tests.helpers.domains_page import DomainsPage, open_domains_page

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication, database_url: str, master_keys: MasterKeyGateway) -> Iterator[DomainsPage]:
    with open_domains_page(qtbot, qapp, database_url, master_keys) as opened:
        yield opened


def add(page: DomainsPage, typed: str):
    dialog = page.view.add_domain()
    dialog.name_edit.setText(typed)
    page.click("Add domain", dialog)
    return dialog


def test_the_first_domain_makes_its_organization_and_shows_what_to_publish(page):
    add(page, "Shop.Example.")

    assert page.names() == ["shop.example"]
    assert page.row("shop.example").organization_name == "My organization"
    assert page.sees("Publish these records")
    assert page.last_message.text == "shop.example was added. Publish its records, then verify it."
    assert QApplication.activeModalWidget() is None


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "name"),
        ("co.uk", "public suffix"),
        ("admin@shop.example", "e-mail address"),
        ("https://shop.example/x", "web address"),
        ("<b>shop</b>.example", "“<”"),
        ("a" * 64 + ".example", "63"),
        ("100%.example", "“%”"),
    ],
)
def test_what_is_no_name_is_said_beside_the_field_and_stays(page, typed, words):
    dialog = add(page, typed)

    assert words in dialog.form.errors["name"]
    assert dialog.name_edit.text() == typed
    assert dialog.isVisible()
    assert page.view.list.model.rowCount() == 0
    page.read_organizations()
    assert page.context.choice.organizations == ()
    dialog.reject()


def test_what_was_probably_meant_is_one_click_away(page):
    dialog = add(page, "https://www.shop.example/cart")

    page.click("Use shop.example", dialog)
    page.click("Add domain", dialog)

    assert page.names() == ["shop.example"]


def test_a_domain_that_is_here_already_says_whose_it_is(page):
    owner = page.add_organization("Somebody")
    page.add_domains(owner, "shop.example")

    dialog = add(page, "SHOP.example")

    assert "shop.example is here already" in dialog.form.errors["name"]
    assert "Somebody" in dialog.form.errors["name"]
    dialog.reject()


def test_what_a_name_becomes_is_told_while_it_is_typed(page):
    dialog = page.view.add_domain()

    dialog.name_edit.setText("Bücher.example.")
    page.bot.waitUntil(dialog.notice.isVisible)

    assert "xn--bcher-kva.example" in dialog.notice.text.text()
    dialog.reject()


def test_with_several_organizations_the_dialog_asks_whose_it_is(page):
    page.add_organization("Alpha")
    page.add_organization("Beta")
    dialog = page.view.add_domain()
    dialog.name_edit.setText("shop.example")

    dialog.organization_box.setCurrentText("Beta")
    page.click("Add domain", dialog)

    assert page.row("shop.example").organization_name == "Beta"


def test_a_pasted_list_adds_each_and_keeps_the_lines_that_are_wrong(page):
    dialog = page.view.add_domain()
    QGuiApplication.clipboard().setText("one.example\ntwo.example\nco.uk\n\none.example\n")

    page.bot.keyClick(dialog.name_edit, Qt.Key.Key_V, CONTROL)
    page.click("Add domains", dialog)

    assert page.names() == ["one.example", "two.example"]
    assert dialog.names_edit.toPlainText() == "co.uk"
    assert page.sees("2 added, 1 not added", dialog)
    assert page.sees("co.uk:", dialog)
    dialog.reject()


def test_a_new_domain_is_shown_though_the_filters_would_hide_it(page):
    owner = page.add_organization("Example")
    page.add_domains(owner, "alder.example")
    page.view.refresh()
    page.settle()
    page.view.filters.focus_box("alder")
    page.settle()

    add(page, "zelkova.example")

    assert page.view.list.table.current_row().name == "zelkova.example"
    assert page.view.details.overview.domain.name == "zelkova.example"


def test_a_lost_database_keeps_what_was_typed(page, monkeypatch):
    sessions = page.context.services.sessions
    nowhere = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing", origin="lost")
    monkeypatch.setattr(sessions, "engine", nowhere.engine)

    dialog = add(page, "shop.example")

    assert dialog.form.errors[""] == "The database cannot be reached."
    assert dialog.name_edit.text() == "shop.example"
    assert page.button("Add domain", dialog).isEnabled()
    monkeypatch.undo()
    page.click("Add domain", dialog)
    assert page.names() == ["shop.example"]
