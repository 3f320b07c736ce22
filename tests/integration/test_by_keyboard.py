"""The main job of the program done by somebody who has a keyboard and nothing else, in the real window."""

from __future__ import annotations

import csv
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog

from smtpy_desktop.sandbox.gallery_stage import Stage
from smtpy_desktop.sandbox.sample_catalogue import NORTHWIND
from smtpy_desktop.sandbox.tour_hands import TourHands
from smtpy_desktop.views.billing_address_dialog import BillingAddressDialog
from smtpy_desktop.views.billing_invoices_card import BillingInvoicesCard
from smtpy_desktop.views.widgets.mono_text import MonoText
from smtpy_desktop.window_gallery import Gallery
from tests.helpers.keyboard import CONTROL, Keyboard, row_at_hand
from tests.helpers.opened_addresses import HOSTILE_ADDRESSES, addresses_opened

_NEW = "keys-alone.example"
_SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def keys(gallery: Gallery) -> Keyboard:
    return Keyboard(gallery)


@pytest.fixture
def eyes(gallery: Gallery) -> TourHands:
    """Give what only looks here."""
    return Stage(gallery).hands


def test_a_domain_is_added_its_records_copied_and_verified_by_keys_alone(keys: Keyboard, eyes: TourHands) -> None:
    go_to(keys, "Domains")

    keys.press(Qt.Key.Key_N, CONTROL)
    dialog = keys.dialog("Add a domain")
    keys.type(_NEW)
    keys.press(Qt.Key.Key_Return)
    keys.until_closed(dialog)
    keys.until("its records are shown", lambda: eyes.sees("Publish these records"))
    keys.tab_to("Copy the MX value")
    keys.press(Qt.Key.Key_Space)
    copied = QApplication.clipboard().text()
    published = [each.text() for each in keys.gallery.window.findChildren(MonoText)]
    table = keys.tab_to("Domains")
    at_hand = row_at_hand(table)
    keys.press(Qt.Key.Key_R, CONTROL)
    keys.until("it is verified", lambda: eyes.row_says("Domains", _NEW, "Failed"))

    assert _NEW in at_hand
    assert {line.split()[-1] for line in copied.splitlines()} <= set(published)
    assert copied
    assert keys.place is table


def test_a_message_is_found_opened_retried_and_exported_by_keys_alone(
    keys: Keyboard, eyes: TourHands, tmp_path: Path
) -> None:
    path = tmp_path / "failed.csv"
    go_to(keys, "Messages")

    keys.press(Qt.Key.Key_F, CONTROL)
    keys.type("status:failed")
    keys.press(Qt.Key.Key_Return)
    keys.until("only failed ones are listed", lambda: {row[1] for row in eyes.cells("Messages")} == {"Failed"})
    listed = len(eyes.cells("Messages"))
    keys.tab_to("Messages")
    keys.arrow_to_row("421")
    opened = row_at_hand(keys.place)
    keys.press(Qt.Key.Key_Return)
    keys.until("its way is told", lambda: eyes.sees("Time line"))
    keys.tab_to("Retry now")
    keys.press(Qt.Key.Key_Return)
    keys.until("it is tried again", lambda: opened not in eyes.cells("Messages"))
    keys.tab_to("Export", backwards=True)
    keys.press(Qt.Key.Key_Space)
    keys.choose("Messages of this search…")
    asked = keys.dialog("Export messages")
    keys.tab_to("Write search, time zone, count and time into the file")
    keys.press(Qt.Key.Key_Space)
    keys.press(Qt.Key.Key_Return)
    keys.until_closed(asked)
    chooser = keys.dialog("Save as")
    keys.type(str(path))
    keys.press(Qt.Key.Key_Return)
    keys.until_closed(chooser)
    keys.until("this is told", lambda: any(words.startswith("Exported") for words in eyes.texts()))

    lines = path.read_text(encoding="utf-8").splitlines()
    written = list(csv.DictReader(line for line in lines if not line.startswith("# ")))
    assert "# Query: status:failed" in lines
    assert {row["status"] for row in written} == {"failed"}
    assert len(written) == listed - 1
    assert keys.name == "Export"


def test_esc_takes_back_one_thing_after_the_other_and_ends_at_the_list(keys: Keyboard, eyes: TourHands) -> None:
    go_to(keys, "Messages")
    keys.press(Qt.Key.Key_F, CONTROL)
    keys.type("status:failed")
    keys.press(Qt.Key.Key_Return)
    table = keys.tab_to("Messages")

    keys.press(Qt.Key.Key_F10, _SHIFT)
    keys.until("the menu is open", lambda: QApplication.activePopupWidget() is not None)
    keys.press(Qt.Key.Key_Escape)
    after_menu = keys.place
    keys.press(Qt.Key.Key_N, CONTROL | _SHIFT)
    keys.press(Qt.Key.Key_Escape)
    keys.press(Qt.Key.Key_F1)
    shortcuts = keys.dialog("Keyboard shortcuts")
    keys.press(Qt.Key.Key_Escape)
    keys.until_closed(shortcuts)

    assert after_menu is table
    assert keys.place is table


def go_to(keys: Keyboard, page: str) -> None:
    """Go to a page as its name is typed into the search."""
    keys.press(Qt.Key.Key_K, CONTROL)
    keys.type(page)
    keys.press(Qt.Key.Key_Return)
    keys.until(f"{page} are listed", lambda: bool(Stage(keys.gallery).hands.cells(page)))


def test_an_invoice_leads_to_no_address_but_stripes(
    gallery: Gallery, keys: Keyboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = addresses_opened(monkeypatch)
    choice = gallery.shown_pages.context.choice
    choice.choose(next(row.id for row in choice.organizations if row.name == NORTHWIND))
    gallery.window.show_page("billing")
    card = gallery.shown_pages.billing.body.invoices
    keys.until("its invoices are shown", lambda: card.current is not None)
    known, told = card.current, []

    for number, address in enumerate(HOSTILE_ADDRESSES):
        card.show_invoices((replace(known, id=f"in_{number}", hosted_url=address, pdf_url=address),), force=True)
        keys.until("it is shown", partial(_shows, card, address))
        (card.open_button if number % 2 else card.pdf_button).click()
        keys.until("its address is shown instead", lambda: isinstance(QApplication.activeModalWidget(), QDialog))
        told.append(isinstance(QApplication.activeModalWidget(), BillingAddressDialog))
        keys.press(Qt.Key.Key_Escape)
        keys.until("that is put away", lambda: QApplication.activeModalWidget() is None)
    choice.choose(None)

    assert told == [True] * len(HOSTILE_ADDRESSES)
    assert not opened


def _shows(card: BillingInvoicesCard, address: str) -> bool:
    return card.current is not None and card.current.hosted_url == address
