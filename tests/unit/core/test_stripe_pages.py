"""Which addresses may be opened in the browser."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.stripe_pages import may_be_opened


@pytest.mark.parametrize(
    "address",
    [
        "https://checkout.stripe.com/c/pay/cs_test_a1B2#fid=x%2Fy",
        "https://invoice.stripe.com/i/acct_1/test_YWNj?s=ap",
        "https://pay.stripe.com/invoice/acct_1/pdf?s=ap",
        "https://STRIPE.com",
        "https://billing.stripe.com:443/p/session/test_1",
    ],
)
def test_stripes_own_pages_are_opened(address: str) -> None:
    assert may_be_opened(address, is_sandbox=False)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://checkout.stripe.com/",
        "https://checkout.stripe.com.evil.example/",
        "https://evilstripe.com/",
        "https://stripe.com@evil.example/",
        "https://user:pass@stripe.com/",
        "https://stripe.com\\@evil.example/",
        "https://evil.example/#.stripe.com",
        "https://evil.example\\.stripe.com/",
        "https://stripe.com:8443/",
        "https://stripe.com/ https://evil.example",
        "https://stripe.com/\n",
        "https://ѕtripe.com/",
        "https://strıpe.com/",
        "https://ſtripe.com/",
        "https://chec\N{KELVIN SIGN}out.stripe.com/",
        "file:///etc/passwd",
        "javascript:alert(1)//https://stripe.com",
        "http://127.0.0.1:4242/pay",
    ],
)
def test_everything_else_is_not(address: str) -> None:
    assert not may_be_opened(address, is_sandbox=False)


@pytest.mark.parametrize("address", ["http://127.0.0.1:40921/pay/cs_1", "http://localhost:1/", "http://[::1]:9/x"])
def test_the_sandbox_opens_pages_of_this_machine(address: str) -> None:
    assert may_be_opened(address, is_sandbox=True)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1.evil.example/", "http://127.0.0.1@evil.example/", "http://10.0.0.1/"]
)
def test_the_sandbox_opens_no_others(address: str) -> None:
    assert not may_be_opened(address, is_sandbox=True)


@given(st.text(alphabet=st.characters(codec="ascii", exclude_characters="/?#"), max_size=30))
def test_nothing_before_a_foreign_host_makes_it_stripes(text: str) -> None:
    assert not may_be_opened(f"https://{text}.evil.example", is_sandbox=True)
