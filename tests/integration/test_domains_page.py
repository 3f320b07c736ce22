"""The page of the domains: a real window over a real database and DNS, driven by clicks and keys."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QTableView, QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import make_url

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.gateways.master_key_gateway import MasterKeyGateway
from smtpy_desktop.schemas.dns import RecordKind
from smtpy_desktop.schemas.domains import DomainStatus
from smtpy_desktop.views.domains_view import MAIL_IDENTITY
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.scroll_column import ScrollColumn
from tests.helpers.domains_page import DomainsPage, open_domains_page
from tests.helpers.stored_domains import insert_mail

CONTROL = Qt.KeyboardModifier.ControlModifier
LABEL_OF_63 = "a" * 63


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication, database_url: str, master_keys: MasterKeyGateway) -> Iterator[DomainsPage]:
    with open_domains_page(qtbot, qapp, database_url, master_keys) as opened:
        yield opened


@pytest.fixture
def three(page: DomainsPage) -> DomainsPage:
    """Give a page with three domains, none of which was ever checked."""
    owner = page.add_organization("Example")
    page.add_domains(owner, "alder.example", "birch.example", "cedar.example")
    page.view.refresh()
    page.settle()
    return page


@contextmanager
def without_connections(server_url: str, database_url: str) -> Iterator[None]:
    """Let a database be away for a while."""
    name = make_url(database_url).database
    plain = make_url(server_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as server:
        server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            yield
        finally:
            server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


def tab_stops(window: QWidget) -> list[QWidget]:
    """Return what Tab goes through in a window, beginning at its top left."""
    chain = [window.nextInFocusChain()]
    while chain[-1] is not window:
        chain.append(chain[-1].nextInFocusChain())
    stops = [
        one for one in chain if one.isVisible() and one.isEnabled() and one.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    first = next(n for n, one in enumerate(stops) if window.top_bar.isAncestorOf(one))
    return stops[first:] + stops[:first]


def test_the_first_domain_is_selected_and_its_records_to_publish_are_seen(three):
    assert three.names() == ["alder.example", "birch.example", "cedar.example"]
    assert three.view.details.overview.domain.name == "alder.example"
    assert three.sees("Publish these records")
    assert three.sees("v=spf1 ip4:192.0.2.25 ~all")
    assert three.sees("mx1.example.net.")


def test_every_part_of_a_record_has_its_own_copy_button(three):
    card = three.view.details.cards.cards[RecordKind.MX]
    copied = []

    for part in ("host", "host without the domain", "type", "time to live", "priority", "value"):
        three.click(f"Copy the MX {part}", card)
        copied.append(three.clipboard())

    assert copied[:4] == ["alder.example", "@", "MX", "3600"]
    assert copied[4] == "10"
    assert "mx1.example.net." in copied[5]


def test_a_record_that_the_domain_has_already_is_merged_into_what_is_to_be_published(page):
    owner = page.add_organization("Example")
    page.add_domains(owner, "shop.example")
    page.dns.zones.add_zone("shop.example")
    page.dns.zones.set_records("shop.example", "TXT", ["v=spf1 ip4:198.51.100.7 -all"])

    page.view.refresh()
    page.settle()

    assert page.sees("v=spf1 ip4:198.51.100.7 ip4:192.0.2.25 -all")
    assert page.sees("yours, with our mechanism merged in")


def test_another_domain_is_shown_from_where_it_begins(three):
    scrolled = three.view.split.findChild(ScrollColumn)
    scrolled.verticalScrollBar().setValue(scrolled.verticalScrollBar().maximum())
    was_at = scrolled.verticalScrollBar().value()

    three.select("birch.example")

    assert (was_at > 0, scrolled.verticalScrollBar().value()) == (True, 0)


def test_verifying_updates_the_row_and_opens_what_is_wrong(three):
    three.publish_records(three.row("birch.example").id)
    three.dns.zones.remove_records("birch.example", "MX")
    three.select("birch.example")

    three.click("Verify")

    assert three.row("birch.example").status is DomainStatus.FAILED
    cards = three.view.details.cards.cards
    assert [kind for kind, card in cards.items() if card.is_expanded] == [RecordKind.MX]
    assert three.sees("MX: wrong")
    assert three.sees("4 of 5 records are right.")
    assert "4 of 5 records are right." in three.last_message.text


def test_a_wrong_record_says_who_answered_what(three):
    three.publish_records(three.row("alder.example").id)
    three.dns.zones.set_records("_dmarc.alder.example", "TXT", ["v=DMARC1; p=none"])

    three.click("Verify")

    card = three.view.details.cards.cards[RecordKind.DMARC]
    model = card._answers.table.model()
    rows = [[model.index(row, column).data() for column in range(3)] for row in range(model.rowCount())]
    assert [row[0] for row in rows[:2]] == ["ns1.sandbox.test", "ns2.sandbox.test"]
    assert {row[1] for row in rows} == {"same as above"}
    assert three.sees("v=DMARC1; p=none", card)
    assert three.sees("v=DMARC1; p=quarantine; rua=mailto:reports@example.com", card)


def test_a_verified_domain_with_a_wrong_record_says_how_long_it_still_counts(three):
    three.publish_records(three.row("alder.example").id)
    three.click("Verify")
    seen_while_right = three.sees("Still counted as verified")
    three.dns.zones.set_records("_dmarc.alder.example", "TXT", ["v=DMARC1; p=none"])

    three.click("Verify")
    at_once = three.sees("wrong 1 of 3 times", three.view.details.head)
    three.click("Verify")

    assert three.row("alder.example").status is DomainStatus.VERIFIED
    assert (seen_while_right, at_once) == (False, True)
    assert three.sees("wrong 2 of 3 times; it falls after 3 wrong checks over 30 minutes.", three.view.details.head)


def test_a_domain_whose_servers_cannot_answer_is_neither_right_nor_wrong(three):
    three.publish_records(three.row("alder.example").id)
    zone = three.dns.zones.zone_of("alder.example")
    zone.fault = type(zone.fault)(rcode="SERVFAIL")

    three.click("Verify")

    assert three.row("alder.example").status is DomainStatus.PENDING
    assert three.sees("None of the 5 records could be asked about.")
    opened = [kind for kind, card in three.view.details.cards.cards.items() if card.is_expanded]
    assert opened == [RecordKind.MX]


def test_verifying_all_tells_the_result_and_shows_what_needs_attention(three):
    three.publish_records(three.row("alder.example").id, three.row("birch.example").id)

    three.click("Verify all")

    assert three.last_message.text == "Verified 3 domains: 2 right, 1 wrong."
    three.last_message.action()
    three.settle()
    assert three.names() == ["cedar.example"]
    assert three.sees("1 of 3 domains match")


def test_without_a_mail_identity_verifying_says_what_to_set_first(qtbot, qapp, database_url, master_keys):
    with open_domains_page(qtbot, qapp, database_url, master_keys, has_identity=False) as page:
        owner = page.add_organization("Example")
        ids = page.add_domains(owner, "alder.example")
        page.view.refresh()
        page.settle()

        page.view.commands.verify(ids)
        page.settle()

        assert "First say who you are in the DNS" in page.last_message.text
        page.last_message.action()
        page.click("Set the mail identity…")
        assert page.asked_for == [MAIL_IDENTITY, MAIL_IDENTITY]


def test_what_is_missing_in_the_mail_identity_is_named_wherever_it_is_in_the_way(
    qtbot, qapp, database_url, master_keys
):
    with open_domains_page(qtbot, qapp, database_url, master_keys, has_identity=False) as page:
        page.change_settings(mail__mx="10 mx1.example.net", mail__spf="ip4:192.0.2.25")
        page.view.refresh()
        page.settle()
        in_the_empty_list = page.sees("Still missing: DMARC policy.")
        owner = page.add_organization("Example")
        page.add_domains(owner, "alder.example")
        page.view.refresh()
        page.settle()

        notice = page.view.details.cards
        buttons = (page.button("Verify"), page.button("Verify all"))

        assert in_the_empty_list
        assert page.sees("Your mail identity is not complete", notice)
        assert page.sees("Still missing: DMARC policy.", notice)
        assert [button.isEnabled() for button in buttons] == [False, False]
        assert all("Not set under Settings: DMARC policy." in button.toolTip() for button in buttons)


def test_the_verify_button_keeps_the_keyboard_while_it_works(three):
    three.publish_records(three.row("alder.example").id)
    zone = three.dns.zones.zone_of("alder.example")
    zone.fault = type(zone.fault)(delay_milliseconds=300)
    button = three.button("Verify")
    button.setFocus()
    clicks: list[bool] = []
    three.view.details.verify_wanted.connect(lambda: clicks.append(True))

    three.bot.keyClick(button, Qt.Key.Key_Space)
    three.bot.keyClick(button, Qt.Key.Key_Space)

    assert button.accessibleName() == "Verifying…"
    assert button.hasFocus()
    three.settle()
    assert button.hasFocus()
    assert clicks == [True]


def test_a_verification_that_the_database_broke_off_is_taken_up_again(three, postgres_url, database_url):
    ids = [three.row(name).id for name in three.names()]
    three.publish_records(*ids)
    slow = three.dns.zones.zone_of("cedar.example")
    slow.fault = type(slow.fault)(delay_milliseconds=700)
    three.view.commands.verify(ids)
    three.bot.waitUntil(lambda: three.row("birch.example").status is DomainStatus.VERIFIED)

    with without_connections(postgres_url, database_url):
        three.settle()
    told = three.last_message
    slow.fault = type(slow.fault)()
    told.action()
    three.settle()

    assert told.text == "Verification stopped when the database went away; 1 domain is left to be verified."
    assert told.action_text == "Verify again"
    assert three.row("cedar.example").status is DomainStatus.VERIFIED


def test_a_click_on_the_header_turns_the_order_round(three):
    header = three.view.list.table.horizontalHeader()
    on_the_name = QPoint(header.sectionViewportPosition(0) + 20, 10)

    three.bot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=on_the_name)
    three.settle()

    assert three.names() == ["cedar.example", "birch.example", "alder.example"]
    assert three.sees("Sorted by domain, descending")
    assert three.view.list.table.current_row().name == "alder.example"


def test_filter_text_is_searched_literally(three):
    found = []

    for text in ("bIrCh", "%", "_", "b.rch", "'"):
        three.view.filters.box.clear()
        three.bot.keyClicks(three.view.filters.box, text)
        three.settle()
        found.append(three.names())

    assert found == [["birch.example"], [], [], [], []]


def test_esc_clears_the_filters_and_undo_brings_them_back(three):
    three.key(Qt.Key.Key_F, CONTROL)
    three.bot.keyClicks(QApplication.focusWidget(), "cedar")
    three.settle()

    three.key(Qt.Key.Key_Escape)

    assert len(three.names()) == 3
    assert three.view.list.table.hasFocus()
    three.last_message.action()
    three.settle()
    assert three.names() == ["cedar.example"]
    assert three.view.filters.box.text() == "cedar"


def test_nothing_that_matches_offers_to_clear_the_filters(three):
    three.bot.keyClicks(three.view.filters.box, "nowhere")
    three.settle()
    assert three.sees("No domain matches")

    three.click("Clear filters", three.view.list)

    assert len(three.names()) == 3


def test_typing_in_the_list_filters_it(three):
    three.view.list.table.setFocus()

    three.bot.keyClicks(three.view.list.table, "c")
    three.settle()

    assert three.view.filters.box.text() == "c"
    assert three.view.filters.box.hasFocus()


def test_deactivating_can_be_taken_back_for_exactly_those_that_it_changed(three):
    three.select("alder.example")
    three.menu()["Deactivate"].trigger()
    three.settle()
    three.select("alder.example", "birch.example")

    three.menu()["Deactivate"].trigger()
    three.settle()

    assert three.last_message.text == "Deactivated 1 domain: mail to it is refused now."
    assert not three.row("birch.example").is_active
    three.last_message.action()
    three.settle()
    assert three.row("birch.example").is_active
    assert not three.row("alder.example").is_active


def test_deleting_needs_the_typed_name_and_says_what_goes_with_it(three):
    victim = three.row("birch.example").id
    three.wait(insert_mail(three.context.services.sessions, victim, aliases=2, messages=3))
    three.select("birch.example")
    three.view.list.table.setFocus()

    three.key(Qt.Key.Key_Delete)

    dialog = three.dialog()
    assert three.sees("With it go 2 aliases and 3 messages", dialog)
    for typed in ("", "birch", "cedar.example"):
        dialog.name_edit.setText(typed)
        assert not three.button("Delete domain", dialog).isEnabled()
    dialog.name_edit.setText(" Birch.example. ")
    three.click("Delete domain", dialog)
    assert three.names() == ["alder.example", "cedar.example"]
    assert three.last_message.text == "birch.example was deleted."
    assert three.view.details.overview.domain.name == "cedar.example"


def test_return_in_an_unfinished_deletion_deletes_nothing(three):
    three.view.list.table.setFocus()
    three.key(Qt.Key.Key_Delete)
    dialog = three.dialog()

    three.bot.keyClicks(dialog.name_edit, "alder.exampl")
    three.bot.keyClick(dialog.name_edit, Qt.Key.Key_Return)
    three.settle()

    assert len(three.names()) == 3


def test_several_domains_are_not_deleted_together(three):
    three.select("alder.example", "birch.example")

    three.view.selection.ask_to_delete()

    assert "one at a time" in three.last_message.text
    assert not three.menu()["Delete…"].isEnabled()
    assert three.sees("2 domains selected")


def test_settings_keep_what_was_typed_until_it_is_right(three):
    three.select("alder.example")
    three.click("Change the settings of alder.example")
    dialog = three.dialog()
    dialog.catch_all_edit.setText("nobody")

    three.click("Save", dialog)

    assert "not an e-mail address" in dialog.form.errors["catch_all"]
    assert dialog.catch_all_edit.text() == "nobody"
    dialog.catch_all_edit.setText("all@example.com")
    three.click("Save", dialog)
    assert three.sees("Catch-all: all@example.com")


def test_the_history_shows_every_check_with_its_reason(three):
    three.publish_records(three.row("alder.example").id)
    three.click("Verify")

    three.click("History")

    dialog = three.dialog()
    assert dialog.model.rowCount() == 5
    assert three.sees("5 checks", dialog)
    dialog.kind_box.setCurrentIndex(1)
    three.settle()
    assert dialog.model.rowCount() == 1
    assert three.sees("answer with our mail servers", dialog)


def test_a_change_of_another_process_is_seen_with_the_selection_kept(three):
    three.select("birch.example")
    owner = three.row("birch.example").organization_id
    three.add_domains(owner, "aspen.example")

    three.context.bus.publish(Change(Topic.DOMAINS, frozenset(), "another process"))
    three.settle()

    assert three.names()[1] == "aspen.example"
    assert three.view.list.table.current_row().name == "birch.example"
    assert three.view.list.table.selected_count == 1


def test_the_organization_narrows_the_list_and_is_shown_where_there_are_several(three):
    other = three.add_organization("<b>Bold & Sons</b> %s =cmd")
    three.add_domains(other, "yew.example")
    three.view.refresh()
    three.settle()
    section = [column.id for column in three.view.list.model.columns].index("organization")
    assert not three.view.list.table.isColumnHidden(section)
    assert three.view.list.model.index(3, section).data() == "<b>Bold & Sons</b> %s =cmd"

    three.context.choice.choose(other)
    three.settle()

    assert three.names() == ["yew.example"]
    assert three.view.list.table.isColumnHidden(section)
    assert three.sees("Organization: <b>Bold & Sons</b> %s =cmd")


def test_a_domain_to_be_shown_is_found_whatever_hides_it(three):
    other = three.add_organization("Other")
    hidden = three.row("birch.example").id
    three.view.filters.focus_box("cedar")
    three.context.choice.choose(other)
    three.settle()

    three.view.show_domain(hidden)
    three.settle()

    assert three.view.list.table.current_row().name == "birch.example"
    assert three.view.details.overview.domain.name == "birch.example"


def test_a_domain_that_is_gone_is_looked_for_once(three):
    three.view.show_domain(three.row("cedar.example").id + 1000)
    three.settle()

    assert three.view.list.table.current_row().name == "alder.example"


def test_the_longest_labels_fit_and_are_shown_whole(page):
    owner = page.add_organization("Example")
    name = f"{LABEL_OF_63}.{LABEL_OF_63}.example"
    page.add_domains(owner, name)
    page.view.refresh()
    page.settle()

    page.click("Verify")

    assert page.sees(name)
    pane = page.view.split.widget(1)
    assert page.view.details.body.width() <= pane.width()
    assert page.view.split.width() <= page.window.width()


def test_an_empty_list_tells_what_to_do_first(page):
    assert page.sees("Add your first domain")

    page.click("Add a domain")

    assert page.sees("Add a domain", page.dialog())


def test_an_empty_list_without_a_mail_identity_asks_for_that_first(qtbot, qapp, database_url, master_keys):
    with open_domains_page(qtbot, qapp, database_url, master_keys, has_identity=False) as page:
        assert page.sees("First say who you are in the DNS")

        page.click("Set the mail identity…")

        assert page.asked_for == [MAIL_IDENTITY]


def test_a_database_that_is_away_is_said_so_and_can_be_tried_again(qtbot, qapp, master_keys):
    nowhere = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
    with open_domains_page(qtbot, qapp, nowhere, master_keys, has_identity=False) as page:
        assert page.sees("The database cannot be reached.")

        page.click("Try again")

        assert page.sees("The database cannot be reached.")


def test_the_whole_page_can_be_used_by_keyboard(three):
    three.publish_records(three.row("alder.example").id, three.row("birch.example").id)
    three.view.list.table.setFocus()

    three.key(Qt.Key.Key_Down)
    three.key(Qt.Key.Key_R, CONTROL)
    assert three.row("birch.example").status is DomainStatus.VERIFIED

    three.key(Qt.Key.Key_Space)
    assert not three.view.split.details_shown
    three.key(Qt.Key.Key_Return)
    assert three.view.split.details_shown
    assert three.view.details.verify_button.hasFocus()

    first_card = three.view.details.cards.cards[RecordKind.MX]
    for _ in range(10):
        if QApplication.focusWidget() is first_card.toggle_button:
            break
        three.key(Qt.Key.Key_Tab)
    three.key(Qt.Key.Key_Space)
    assert first_card.is_expanded

    three.key(Qt.Key.Key_N, CONTROL)
    assert isinstance(QApplication.focusWidget(), QLineEdit)
    three.key(Qt.Key.Key_Escape)
    assert QApplication.activeModalWidget() is None


def test_tab_goes_through_the_page_as_it_is_read(three):
    three.window.set_status("database", "Database", Tone.OK)
    three.window.add_page("second", "Second", "mail", QLineEdit())
    three.publish_records(three.row("alder.example").id)
    three.dns.zones.set_records("_dmarc.alder.example", "TXT", ["v=DMARC1; p=none"])
    three.dns.zones.set_records("alder.example", "TXT", ["v=spf1 -all"])
    three.click("Verify")
    three.window.show_message(Message("Said.", Tone.WARN))
    view = three.view
    parts = [
        three.window.top_bar,
        three.window.sidebar,
        view.verify_all_button,
        view.add_button,
        view.filters,
        view.list.table,
        view.details.head,
        *view.details.cards.cards.values(),
        view.details.cards,
        view.details.foot,
        three.window.messages,
    ]

    stops = tab_stops(three.window)

    visited = [next(n for n, part in enumerate(parts) if part is stop or part.isAncestorOf(stop)) for stop in stops]
    assert visited == sorted(visited)
    assert set(visited) == set(range(len(parts)))


def test_tab_goes_through_a_card_as_it_is_read(three):
    three.click("Verify")
    card = three.view.details.cards.cards[RecordKind.DKIM]

    stops = [stop for stop in tab_stops(three.window) if card.isAncestorOf(stop)]

    places = [(stop.mapTo(card, stop.rect().center()).y() // 12, stop.mapTo(card, stop.pos()).x()) for stop in stops]
    assert len(stops) > 5
    assert [line for line, _ in places] == sorted(line for line, _ in places)
    assert isinstance(stops[-1], QTableView)


def test_everything_that_takes_the_keyboard_has_a_name(three):
    three.click("Verify")
    three.settle()

    focusable = [
        widget
        for widget in three.view.findChildren(object)
        if hasattr(widget, "focusPolicy") and widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]

    assert [type(widget).__name__ for widget in focusable if not widget.accessibleName()] == []


def test_all_records_are_copied_and_saved_in_the_forms_of_providers(three, tmp_path):
    three.view.details.copy_button.menu().actions()[0].trigger()
    zone = three.clipboard()
    target = tmp_path / "alder.zone"

    three.view.details.save_button.menu().actions()[0].trigger()
    dialog = three.dialog()
    dialog.fileSelected.emit(str(target))
    dialog.reject()

    assert zone.startswith("alder.example. 3600 IN MX 10 mx1.example.net.\n")
    assert target.read_text(encoding="utf-8") == zone
    assert three.last_message.text == f"Saved {target}."


def test_a_file_that_cannot_be_written_is_said_so(three, tmp_path):
    three.view.details.save_button.menu().actions()[0].trigger()
    dialog = three.dialog()

    dialog.fileSelected.emit(str(tmp_path / "no such directory" / "zone"))
    dialog.reject()

    assert "could not be written" in three.last_message.text
    assert three.last_message.tone is Tone.BAD


def test_the_search_box_finds_domains_of_every_organization(three):
    other = three.add_organization("Other")
    found_id = three.add_domains(other, "yew.example")[0]
    three.context.choice.choose(three.row("alder.example").organization_id)
    three.settle()
    delivered = []

    three.view.palette_provider.search("YEW", delivered.extend)
    three.settle()
    delivered[0].run()
    three.settle()

    assert [entry.title for entry in delivered] == ["yew.example"]
    assert three.view.details.domain_id == found_id
    assert three.view.list.table.current_row().name == "yew.example"


def test_the_details_lead_to_the_aliases_of_the_domain(three):
    asked_for = []
    three.view.aliases_wanted.connect(asked_for.append)
    three.select("birch.example")

    three.click("Show the aliases of birch.example")

    assert asked_for == [three.row("birch.example").id]
