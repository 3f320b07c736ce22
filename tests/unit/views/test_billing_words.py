"""How prices, states, notices and invoices are put into words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from PySide6.QtCore import QLocale

from smtpy_desktop.schemas.billing import Interval, Invoice, PaymentMethod, Price, Subscription, SubscriptionStatus
from smtpy_desktop.schemas.billing_account import BillingAccount, BillingNotice, NoticeKind
from smtpy_desktop.schemas.identifiers import OrganizationId
from smtpy_desktop.schemas.stripe_settings import KeyMode, StripeMode
from smtpy_desktop.views.billing_money import expiry_words, method_words, money, plan_name, price_words, trial_words
from smtpy_desktop.views.billing_notice_words import invoice_pill, notice_icon, notice_words
from smtpy_desktop.views.billing_words import (
    AccountState,
    NextStep,
    account_state,
    mode_pill,
    mode_sentence,
    state_pill,
    state_words,
    step_of,
    step_word,
)

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
END = datetime(2026, 12, 22, 10, tzinfo=UTC)
PRICE = Price("price_1", "prod_1", "Basic", "", "eur", 900, Interval.MONTH, 1, is_active=True, livemode=False)
CARD = PaymentMethod("card", "visa", "4242", 2028, 7)


@pytest.fixture(autouse=True)
def _locale() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale("en_US"))
    yield
    QLocale.setDefault(before)


def subscription(status: SubscriptionStatus = SubscriptionStatus.ACTIVE) -> Subscription:
    return Subscription(
        id="sub_1",
        customer_id="cus_1",
        status=status,
        price_id="price_1",
        created_at=NOW,
        current_period_start=NOW,
        current_period_end=END,
        cancel_at_period_end=False,
        cancel_at=None,
        canceled_at=None,
        ended_at=None,
        trial_end=None,
        livemode=False,
        price=PRICE,
    )


def account(found: Subscription | None, method: PaymentMethod | None = CARD) -> BillingAccount:
    return BillingAccount(
        organization_id=OrganizationId(1),
        organization_name="Northwind",
        livemode=False,
        customer_id="cus_1",
        customer_email="",
        is_customer_deleted=False,
        is_delinquent=False,
        subscription=found,
        other_subscriptions=0,
        payment_method=method,
        synced_at=NOW,
    )


def invoice(status: str, *, attempts: int = 0, url: str | None = "https://invoice.stripe.com/i/1") -> Invoice:
    return Invoice(
        id="in_1",
        customer_id="cus_1",
        subscription_id="sub_1",
        number="A-1",
        status=status,
        currency="eur",
        amount_due=900,
        amount_paid=0,
        created_at=NOW,
        due_at=None,
        next_attempt_at=END,
        attempts=attempts,
        livemode=False,
        hosted_url=url,
    )


def plain(text: str) -> str:
    """Return a text with the narrow and unbroken blanks of locales as plain ones."""
    return text.replace("\u202f", " ").replace("\u00a0", " ")


# Money


@pytest.mark.parametrize(
    ("locale", "amount", "currency", "wanted"),
    [
        ("en_US", 1999, "usd", "$19.99"),
        ("en_US", 123456, "eur", "€1,234.56"),
        ("en_US", 500, "jpy", "¥500"),
        ("en_US", 12500, "kwd", "12.500 KWD"),
        ("en_US", 1000, "cad", "10.00 CAD"),
        ("fr_FR", 123456, "eur", "1 234,56 €"),
        ("fr_FR", 1999, "usd", "19,99 USD"),
        ("fr_FR", 500, "xof", "500 XOF"),
    ],
)
def test_an_amount_is_written_as_the_locale_does(locale: str, amount: int, currency: str, wanted: str) -> None:
    QLocale.setDefault(QLocale(locale))

    assert plain(money(amount, currency)) == wanted


@pytest.mark.parametrize(
    ("interval", "count", "wanted"),
    [
        (Interval.MONTH, 1, "€9.00 a month"),
        (Interval.MONTH, 3, "€9.00 every 3 months"),
        (Interval.YEAR, 1, "€9.00 a year"),
        (Interval.WEEK, 2, "€9.00 every 2 weeks"),
        (Interval.DAY, 1, "€9.00 a day"),
        (None, 1, "€9.00 once"),
    ],
)
def test_a_price_says_how_often_it_is_due(interval: Interval | None, count: int, wanted: str) -> None:
    assert price_words(replace(PRICE, interval=interval, interval_count=count)) == wanted


def test_a_price_by_tiers_has_no_amount() -> None:
    assert price_words(replace(PRICE, amount=None)) == "by use"


def test_a_quantity_is_told() -> None:
    assert price_words(PRICE, 3) == "3 times €9.00 a month"


def test_a_plan_is_called_by_its_product_and_nickname() -> None:
    assert plan_name(replace(PRICE, nickname="Early")) == "Basic · Early"
    assert plan_name(replace(PRICE, product_name="")) == "prod_1"


def test_a_trial_is_told_in_days() -> None:
    assert trial_words(replace(PRICE, trial_days=14)) == "14 days of trial"
    assert trial_words(PRICE) == ""


def test_a_card_is_shown_by_brand_last_four_and_expiry() -> None:
    assert method_words(CARD) == "Visa •••• 4242, 07/2028"
    assert method_words(PaymentMethod("sepa_debit", "", "3000")) == "Sepa_debit •••• 3000"


def test_a_card_that_expires_is_warned_of() -> None:
    assert expiry_words(CARD, date(2026, 11, 1)) is None
    assert (expiry_words(CARD, date(2028, 7, 1)) or ("",))[0] == "expires soon"
    assert (expiry_words(CARD, date(2028, 8, 1)) or ("",))[0] == "expired"


# States


@pytest.mark.parametrize(
    ("status", "step"),
    [
        (SubscriptionStatus.TRIALING, NextStep.NONE),
        (SubscriptionStatus.ACTIVE, NextStep.NONE),
        (SubscriptionStatus.PAST_DUE, NextStep.PORTAL),
        (SubscriptionStatus.UNPAID, NextStep.PAY),
        (SubscriptionStatus.INCOMPLETE, NextStep.PAY),
        (SubscriptionStatus.PAUSED, NextStep.RESUME),
        (SubscriptionStatus.CANCELED, NextStep.SUBSCRIBE),
        (SubscriptionStatus.INCOMPLETE_EXPIRED, NextStep.SUBSCRIBE),
    ],
)
def test_every_state_has_the_step_that_helps(status: SubscriptionStatus, step: NextStep) -> None:
    assert step_of(account(subscription(status))) is step


def test_no_two_states_share_word_or_icon() -> None:
    pills = [state_pill(state) for state in AccountState]

    assert len({pill.text for pill in pills}) == len(pills)
    assert len({pill.icon for pill in pills}) == len(pills)


def test_every_step_has_its_word() -> None:
    assert len({step_word(step) for step in NextStep}) == len(NextStep)


@pytest.mark.parametrize("status", [SubscriptionStatus.TRIALING, SubscriptionStatus.PAUSED])
def test_without_a_payment_method_the_portal_comes_first(status: SubscriptionStatus) -> None:
    found = account(subscription(status), None)

    assert step_of(found) is NextStep.PORTAL
    assert "payment method" in state_words(found, (), NOW).sentence


def test_an_invoice_without_a_page_cannot_be_paid_from_here() -> None:
    found = account(subscription(SubscriptionStatus.UNPAID))

    assert state_words(found, (invoice("open", url=None),), NOW).step is NextStep.PORTAL
    assert state_words(found, (invoice("open"),), NOW).step is NextStep.PAY


def test_what_is_to_end_is_no_longer_called_active() -> None:
    found = account(replace(subscription(), cancel_at_period_end=True))
    words = state_words(found, (), NOW)

    assert account_state(found) is AccountState.ENDING
    assert "ends on Dec 22, 2026" in words.sentence
    assert words.step is NextStep.RESUME


def test_a_renewal_is_told_with_its_day_and_distance() -> None:
    assert "renews on Dec 22, 2026 (in 30 days)" in state_words(account(subscription()), (), NOW).sentence


def test_a_late_payment_tells_when_stripe_tries_again() -> None:
    found = account(subscription(SubscriptionStatus.PAST_DUE))

    assert "tries again on Dec 22, 2026" in state_words(found, (invoice("open", attempts=1),), NOW).sentence


@pytest.mark.parametrize("status", SubscriptionStatus)
def test_every_state_is_explained(status: SubscriptionStatus) -> None:
    assert len(state_words(account(subscription(status)), (), NOW).sentence) > 20


# Modes, notices, invoices


def test_every_mode_has_its_own_badge_and_sentence() -> None:
    modes = [*(StripeMode(key) for key in KeyMode), StripeMode(KeyMode.TEST, is_sandbox=True)]

    assert len({mode_pill(mode).text for mode in modes}) == len(modes)
    assert len({mode_sentence(mode) for mode in modes}) == len(modes)


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_notice_names_its_organization(kind: NoticeKind) -> None:
    notice = BillingNotice(1, OrganizationId(1), "North\u202ewind", False, kind, "in_1", NOW, False, 900, "eur")

    assert notice_words(notice).startswith("North⟨U+202E⟩wind: ")
    assert notice_icon(notice)
    assert ("€9.00" in notice_words(notice)) is (kind is NoticeKind.PAYMENT_FAILED)


def test_an_open_invoice_with_a_failed_attempt_says_so() -> None:
    assert invoice_pill(invoice("open")).text == "Open"
    assert invoice_pill(invoice("open", attempts=1)).text == "Payment failed"
    assert invoice_pill(invoice("something_new")).text == "something_new"
