"""Amounts of money in the units that people use."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.money import fraction_digits, major_units


@pytest.mark.parametrize(
    ("amount", "currency", "wanted"),
    [
        (1999, "eur", "19.99"),
        (500, "JPY", "500"),
        (5124, "kwd", "5.124"),
        (-50, "usd", "-0.50"),
        (500, "isk", "5.00"),
        (500, "ugx", "5.00"),
        (0, "bhd", "0.000"),
    ],
)
def test_an_amount_has_the_decimals_that_stripe_counts_with(amount: int, currency: str, wanted: str) -> None:
    assert str(major_units(amount, currency)) == wanted


@given(st.integers(-(10**15), 10**15), st.sampled_from(["eur", "jpy", "tnd"]))
def test_no_amount_loses_anything(amount: int, currency: str) -> None:
    assert major_units(amount, currency) * Decimal(10) ** fraction_digits(currency) == amount
