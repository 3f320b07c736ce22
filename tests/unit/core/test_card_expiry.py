"""When a card should be replaced."""

from __future__ import annotations

from datetime import date

import pytest

from smtpy_desktop.core.billing_state import CardExpiry, card_expiry
from smtpy_desktop.schemas.billing import PaymentMethod


@pytest.mark.parametrize(
    ("year", "month", "wanted"),
    [
        (2026, 10, CardExpiry.EXPIRED),
        (2026, 11, CardExpiry.SOON),
        (2026, 12, CardExpiry.SOON),
        (2027, 1, CardExpiry.GOOD),
        (None, None, CardExpiry.GOOD),
    ],
)
def test_a_card_is_good_until_the_end_of_its_month(year: int | None, month: int | None, wanted: CardExpiry) -> None:
    method = PaymentMethod("card", "visa", "4242", year, month)

    assert card_expiry(method, date(2026, 11, 30)) is wanted


def test_the_turn_of_the_year_is_near() -> None:
    method = PaymentMethod("card", "visa", "4242", 2027, 1)

    assert card_expiry(method, date(2026, 12, 1)) is CardExpiry.SOON
