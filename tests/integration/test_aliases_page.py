"""The page of the aliases, used as a person does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget
from pytestqt.qtbot import QtBot

from smtpy_desktop.views.alias_dialog import AliasDialog
from smtpy_desktop.views.aliases_filters import AliasFilters
from smtpy_desktop.views.aliases_import_dialog import AliasesImportDialog
from tests.helpers.aliases_page import AliasesPage, open_aliases_page


@pytest.fixture
def page(qtbot: QtBot, database_url: str, tmp_path: Path) -> Iterator[AliasesPage]:
    """Give the page with two domains and no alias."""
    with open_aliases_page(qtbot, database_url, tmp_path) as opened:
        yield opened


def fill(dialog: AliasDialog, address: str, targets: str) -> None:
    dialog.address_edit.setText(address)
    dialog.targets_edit.setPlainText(targets)


def test_an_empty_page_says_what_to_do_first(
    qtbot: QtBot, database_url: str, tmp_path: Path, page: AliasesPage
) -> None:
    assert "Add your first alias" in page.texts()
    assert page.view.add_button.isEnabled()


def test_without_a_domain_the_page_leads_to_the_domains(qtbot: QtBot, database_url: str, tmp_path: Path) -> None:
    with open_aliases_page(qtbot, database_url, tmp_path, has_domains=False) as page:
        texts = page.texts()
        page.view.empty_states.domain_wanted.emit()

        assert "Add a domain first" in texts
        assert not page.view.add_button.isEnabled()
        assert page.asked_for == [0]


def test_an_alias_is_added_seen_and_changed(page: AliasesPage) -> None:
    dialog = page.view.add()
    fill(dialog, "info@a.example", "x@out.example\ny@out.example")
    dialog.note_edit.setText("desk")
    page.bot.keyClick(dialog.note_edit, Qt.Key.Key_Return)
    page.settle()
    edit = page.view.commands.edit(page.view.list.table.selected_rows()[0])
    edit.targets_edit.setPlainText("z@out.example")
    edit.active_box.setChecked(False)
    edit.save_button.click()
    page.settle()

    assert page.listed() == ["info@a.example"]
    assert page.stored() == [("info@a.example", ["z@out.example"], False)]
    assert "Inactive" in page.texts(page.view.details.head)
    assert "desk" in page.texts(page.view.details.body)


def test_what_is_wrong_is_told_beside_its_field_while_typing(page: AliasesPage) -> None:
    page.add("info@a.example", "x@out.example")
    dialog = page.view.add()

    fill(dialog, "new@a.example", "nobody@b.example")
    page.bot.waitUntil(lambda: bool(dialog.form.errors))
    errors = dialog.form.errors
    dialog.targets_edit.setPlainText("x@out.example")
    dialog.address_edit.setText("INFO@a.example")
    dialog.save_button.click()
    page.settle()

    assert "leads nowhere" in errors["targets"]
    assert "is here already" in dialog.form.errors["address"]
    assert len(page.stored()) == 1
    dialog.reject()


def test_a_name_alone_belongs_to_the_domain_that_is_listed(page: AliasesPage) -> None:
    page.view.show_domain(page.domains[1])
    page.settle()
    dialog = page.view.add()
    fill(dialog, "sales", "x@out.example")
    dialog.save_button.click()
    page.settle()

    assert page.listed() == ["sales@b.example"]


def test_switching_off_and_deleting_are_taken_back(page: AliasesPage) -> None:
    page.add("a@a.example", "x@out.example")
    page.settle()
    page.select("a@a.example")
    page.view.details.deactivate_button.click()
    page.settle()
    off = page.stored()
    page.press_undo()
    on = page.stored()
    page.bot.keyClick(page.view.list.table, Qt.Key.Key_Delete)
    page.settle()
    gone = page.stored()
    page.press_undo()

    assert [state[2] for state in (off[0], on[0])] == [False, True]
    assert gone == []
    assert page.stored() == on
    assert page.listed() == ["a@a.example"]


def test_several_are_deleted_together_and_come_back_together(page: AliasesPage) -> None:
    for name in ("a", "b", "c"):
        page.add(f"{name}@a.example", "x@out.example")
    page.settle()
    page.view.list.table.selectAll()
    page.settle()

    page.view.selection.delete()
    page.settle()
    gone, words = page.stored(), page.told().text
    page.press_undo()

    assert (gone, words) == ([], "3 aliases were deleted.")
    assert len(page.listed()) == 3


def test_the_list_follows_its_filters_and_tells_where_other_mail_goes(page: AliasesPage) -> None:
    page.add("info@a.example", "x@out.example")
    page.add("off@b.example", "x@out.example", is_active=False)
    page.settle()

    page.view.filters.set_filters(AliasFilters(active=False))
    page.settle()
    inactive = page.listed()
    page.view.filters.set_filters(AliasFilters(text="info+news@a.example"))
    page.settle()

    assert inactive == ["off@b.example"]
    assert page.listed() == []
    assert "goes to x@out.example" in page.texts()
    assert page.view.go_back()
    page.settle()
    assert len(page.listed()) == 2


def test_a_list_is_pasted_looked_at_and_imported_without_its_wrong_lines(page: AliasesPage) -> None:
    page.add("info@a.example", "x@out.example")
    page.settle()
    dialog = page.view.commands.import_list(None, from_file=False)

    dialog.list_edit.setPlainText(
        "info@a.example new@out.example\nsales@b.example info@a.example\nbad@c.exam x@y.example"
    )
    page.bot.waitUntil(lambda: dialog.plan is not None)
    page.settle()
    lines = [row for _, row in dialog.model.loaded_rows(0, 10)]
    before, words = page.stored(), dialog.import_button.text()
    dialog.import_button.click()
    page.settle()

    assert [(line.line.number, line.action.value) for line in lines] == [(3, "refuse"), (1, "change"), (2, "add")]
    assert before == [("info@a.example", ["x@out.example"], True)]
    assert words == "&Import 2 aliases"
    assert page.stored() == [
        ("info@a.example", ["new@out.example"], True),
        ("sales@b.example", ["info@a.example"], True),
    ]
    assert page.told().text == "1 alias added, 1 changed, 1 line left out."


def test_what_was_exported_is_read_from_its_file_and_changes_nothing(page: AliasesPage, tmp_path: Path) -> None:
    page.add("=sum@a.example", "x@out.example", "y@out.example")
    page.settle()
    file = tmp_path / "aliases.csv"

    page.view.commands.export(page.view.list.query).fileSelected.emit(str(file))
    page.settle()
    dialog = page.view.commands.import_list(None, from_file=False)
    dialog.read_file(str(file))
    page.bot.waitUntil(lambda: dialog.plan is not None)

    assert isinstance(dialog, AliasesImportDialog)
    assert "stays as it is" in page.texts(dialog)
    assert not dialog.import_button.isEnabled()
    dialog.reject()
    for one in page.view.findChildren(QDialog):
        one.close()


def test_a_file_that_cannot_be_read_is_told(page: AliasesPage, tmp_path: Path) -> None:
    dialog = page.view.commands.import_list(None, from_file=False)

    dialog.read_file(str(tmp_path / "missing.csv"))
    page.settle()

    assert "could not be read" in page.texts(dialog)
    dialog.reject()


def test_details_tell_where_mail_ends_and_offer_an_alias_for_postmaster(page: AliasesPage) -> None:
    page.add("end@a.example", "x@out.example")
    page.add("start@b.example", "end@a.example")
    page.settle()

    page.select("end@a.example")
    end = page.texts(page.view.details.body)
    page.select("start@b.example")
    start = page.texts(page.view.details.body)
    page.view.details.postmaster_wanted.emit("postmaster@b.example")
    dialog = page.dialog()

    assert "start@b.example" in end
    assert "Ends at: x@out.example" in start
    assert "postmaster: admin@out.example" in start
    assert isinstance(dialog, AliasDialog)
    assert dialog.address_edit.text() == "postmaster@b.example"
    dialog.reject()


def test_a_target_that_was_deleted_meanwhile_is_told_by_those_that_forward_to_it(page: AliasesPage) -> None:
    page.add("end@a.example", "x@out.example")
    page.add("start@b.example", "end@a.example", "y@out.example")
    page.settle()
    page.select("end@a.example")

    page.view.selection.delete()
    page.settle()
    page.select("start@b.example")

    assert "1 target leads nowhere now" in page.texts(page.view.details.body)
    page.press_undo()
    page.select("start@b.example")
    assert "leads nowhere" not in page.texts(page.view.details.body)


def test_tab_goes_through_the_details_of_an_alias_as_they_are_read(page: AliasesPage) -> None:
    page.add("info@a.example", "x@out.example", "y@out.example")
    page.settle()
    page.select("info@a.example")
    details = page.view.details

    stops = [each for each in _focus_chain(page.view) if each.isVisible()]

    first, last = stops.index(details.edit_button), stops.index(details.deactivate_button)
    inside = stops[first + 1 : last]
    assert len(inside) >= 5
    assert all(details.body.isAncestorOf(each) for each in inside)
    lines = [each.mapTo(details.body, each.rect().center()).y() // 12 for each in inside]
    assert lines == sorted(lines)


def _focus_chain(view: QWidget) -> list[QWidget]:
    chain = [view.nextInFocusChain()]
    while chain[-1] is not view:
        chain.append(chain[-1].nextInFocusChain())
    return [each for each in chain if each.focusPolicy() & Qt.FocusPolicy.TabFocus]
