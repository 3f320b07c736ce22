"""The ownership token among the TXT values at its name."""

from __future__ import annotations

import pytest

from smtpy_desktop.core.dns_codes import DnsCode
from smtpy_desktop.core.ownership_record import compare_ownership
from smtpy_desktop.schemas.dns import Verdict
from tests.helpers.dns_evidence import TOKEN

HOST = "_smtpy-challenge.example.com"


@pytest.mark.parametrize("values", [(TOKEN,), (f"  {TOKEN}\t",), ("other=1", TOKEN, "v=spf1 -all")])
def test_the_token_is_right_among_any_other_records(values: tuple[str, ...]) -> None:
    assert compare_ownership(HOST, TOKEN, values).verdict is Verdict.OK


@pytest.mark.parametrize("value", [f"{TOKEN}0", TOKEN[:-1], TOKEN.upper(), f"x{TOKEN}", "other=1", ""])
def test_anything_but_the_exact_token_is_wrong(value: str) -> None:
    finding = compare_ownership(HOST, TOKEN, (value,))

    assert (finding.verdict, finding.code) == (Verdict.WRONG, DnsCode.OWNERSHIP_OTHER_TOKEN)
