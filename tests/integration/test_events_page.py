"""The page of Stripe's events: what came, what became of it, and what can be done about it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit

from smtpy_desktop.database import refused_deliveries_database
from smtpy_desktop.schemas.webhook_events import EventOutcome, SignatureVerdict
from smtpy_desktop.views.billing_drift_dialog import BillingDriftDialog
from smtpy_desktop.views.theme_tokens import Tone
from tests.helpers.events_page import EventsPage, open_events_page


@pytest.fixture
def page(qtbot, database_url, tmp_path) -> Iterator[EventsPage]:
    with open_events_page(qtbot, database_url, tmp_path) as opened:
        yield opened


def _one_failed(page: EventsPage) -> str:
    """Let one event be done and the next one fail; return the customer."""
    customer = page.add_customer("Example")
    page.book.change_customer(customer, {"email": "one@example.com"})
    page.deliver(page.book.events[-1])
    page.book.change_customer(customer, {"email": "two@example.com"})
    page.api.failures = 1
    page.deliver(page.book.events[-1])
    page.view.list.table.selectRow(0)
    page.settle()
    return customer


def test_without_a_key_the_page_says_what_to_do_first(qtbot, database_url, tmp_path):
    with open_events_page(qtbot, database_url, tmp_path, has_key=False) as page:
        wanted: list[str] = []
        page.view.settings_wanted.connect(wanted.append)

        page.click("Set up Stripe…")

        assert wanted == ["billing"]
        assert not page.view.catch_up_button.isEnabled()


def test_without_an_event_the_page_says_how_they_come_with_the_listeners_own_port(page):
    page.click("Copy command")

    assert page.sees("stripe listen --forward-to localhost:4343/webhooks/stripe")
    assert QGuiApplication.clipboard().text() == "stripe listen --forward-to localhost:4343/webhooks/stripe"


def test_events_are_listed_as_they_come_with_what_became_of_them(page):
    _one_failed(page)

    assert page.outcomes() == ["failed", "done"]
    assert page.sees("2 events · 1 failed")
    assert page.sees("Stripe did not answer when the customer was to be read.")


def test_replay_works_on_the_selected_event_and_tells(page):
    _one_failed(page)

    page.click("Replay")

    assert page.outcomes() == ["done", "done"]
    assert page.last_message.text.startswith("1 event was replayed.")


def test_many_events_are_replayed_together(page):
    _one_failed(page)
    page.view.list.table.selectAll()
    page.settle()

    page.click("Replay all")

    assert page.outcomes() == ["done", "done"]
    assert page.last_message.text.startswith("2 events were replayed.")


def test_a_replay_that_fails_again_says_why(page):
    _one_failed(page)
    page.api.failures = 1

    page.click("Replay")

    assert page.last_message.tone is Tone.BAD
    assert "Stripe did not answer." in page.last_message.text


def test_the_payload_is_shown_as_plain_text_and_copied_whole(page):
    customer = page.add_customer("Example")
    page.book.change_customer(customer, {"name": "<b>bold</b>"})
    page.deliver(page.book.events[-1])

    page.click("Copy Payload")

    editor = page.view.details.body.findChild(QPlainTextEdit)
    assert '"name": "<b>bold</b>"' in editor.toPlainText()
    assert QGuiApplication.clipboard().text() == editor.toPlainText()


def test_filters_narrow_the_list_down_and_are_cleared(page):
    _one_failed(page)
    page.view.filters.failed_chip.click()
    page.settle()
    failed = page.outcomes()

    page.click("Clear filters")

    assert failed == ["failed"]
    assert page.outcomes() == ["failed", "done"]


def test_what_is_typed_is_looked_for_in_ids_and_types(page):
    _one_failed(page)
    wanted = page.book.events[-1]["id"]

    page.view.filters.focus_box(wanted)
    page.settle()

    assert [row.id for _, row in page.view.list.model.loaded_rows(0, 10)] == [wanted]


def test_an_organization_chosen_at_the_top_has_its_own_events_alone_failed_ones_too(page):
    _one_failed(page)
    other = page.add_customer("Other")
    page.book.change_customer(other, {"email": "other@example.com"})
    page.deliver(page.book.events[-1])
    rows = [row for _, row in page.view.list.model.loaded_rows(0, 10)]

    page.world.context.choice.choose(rows[-1].organization_id)
    page.settle()

    assert page.outcomes() == ["failed", "done"]


def test_catching_up_lists_what_was_missed_and_tells_how_much(page):
    customer = page.add_customer("Example")
    page.book.change_customer(customer, {"email": "new@example.com"})

    page.click("Catch up now")

    assert sorted(page.types()) == ["customer.created", "customer.updated"]
    assert page.last_message.text.startswith("Caught up with Stripe. 2 new events.")
    assert page.sees("Followed until")


def test_refused_deliveries_are_listed_with_what_to_do(page):
    async def refuse() -> None:
        async with page.world.database.begin() as db:
            await refused_deliveries_database.add(db, SignatureVerdict.WRONG, "invoice.paid", "evt_x", 120)

    page.world.run(refuse())
    page.view.refresh()
    page.settle()

    page.view.filters.refused_chip.click()
    page.settle()

    assert page.sees("Refused delivery")
    assert page.sees("No webhook secret that is set up here has signed this.")


def test_a_test_event_goes_to_the_listener_and_its_answer_is_told(page):
    page.view.commands.send_test("customer.updated")
    page.settle()

    assert page.sent == [("http://127.0.0.1:4343", "customer.updated")]
    assert page.last_message.text == "The listener took the test event in 3 ms. Signature and secret fit."


def test_the_failed_events_are_shown_where_a_message_asks_for_it(page):
    _one_failed(page)

    page.view.show_failed()
    page.settle()

    assert page.view.filters.filters.outcomes == {EventOutcome.FAILED}
    assert page.outcomes() == ["failed"]


# Drift


def _compared(page: EventsPage) -> BillingDriftDialog:
    dialog = page.view.commands.compare()
    page.settle()
    return dialog


def test_what_agrees_is_said_to_agree(page):
    page.add_customer("Example")
    page.click("Catch up now")

    dialog = _compared(page)

    assert page.sees("Everything agrees with Stripe", dialog)
    assert not dialog.all_button.isEnabled()
    dialog.reject()


def test_differences_are_listed_field_by_field_and_taken_over(page):
    customer = page.add_customer("Example")
    page.click("Catch up now")
    page.book.change_customer(customer, {"email": "new@example.com"})
    dialog = _compared(page)
    rows = [row for _, row in dialog.model.loaded_rows(0, 10)]

    dialog.all_button.click()
    page.settle()

    assert [(row.field.name, row.field.local, row.field.stripe) for row in rows] == [
        ("customer.email", "admin@example.com", "new@example.com")
    ]
    assert page.sees("Everything agrees with Stripe", dialog)
    dialog.reject()


def test_a_customer_that_stripe_does_not_know_is_not_taken_over(page):
    customer = page.add_customer("Example")
    page.click("Catch up now")
    del page.book.objects["customers"][customer]

    dialog = _compared(page)

    assert [row.field.name for _, row in dialog.model.loaded_rows(0, 10)] == ["customer.id"]
    assert not dialog.all_button.isEnabled()
    assert page.sees("Unlink customers that are not at Stripe", dialog)
    dialog.reject()


def test_a_comparison_that_fails_says_why_and_can_be_made_again(page):
    page.add_customer("Example")
    page.api.failures = 1
    dialog = _compared(page)
    told = page.sees("Stripe did not answer.", dialog)

    dialog.again_button.click()
    page.settle()

    assert told
    assert dialog.model.rowCount() or page.sees("Everything agrees with Stripe", dialog)
    dialog.reject()
