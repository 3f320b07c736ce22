"""The order of mail servers: best first, equal ones mixed, and never on to ourselves or anything behind us."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.mail_exchangers import better_than_us, is_named, parse_exchangers, shuffled, takes_no_mail
from smtpy_desktop.schemas.mail_identity import MailExchanger

EXCHANGERS = st.lists(st.builds(MailExchanger, st.integers(0, 5), st.sampled_from(["a", "b", "c", "us", "us2"])))


def test_records_are_read_with_the_best_first() -> None:
    found = parse_exchangers(["20 B.example.", "10 a.example.", "x c.example.", "30", "0 ."])

    assert found == (MailExchanger(0, ""), MailExchanger(10, "a.example"), MailExchanger(20, "b.example"))


def test_a_null_mx_alone_says_that_no_mail_is_taken() -> None:
    assert takes_no_mail(parse_exchangers(["0 ."]))
    assert not takes_no_mail(parse_exchangers(["0 .", "10 a.example."]))
    assert not takes_no_mail(())


@given(EXCHANGERS)
def test_whoever_is_not_better_than_we_are_is_cut_off(exchangers: list[MailExchanger]) -> None:
    ours = {"us", "us2"}

    left = better_than_us(exchangers, lambda one: is_named(one.host, ours))

    limit = min((one.priority for one in exchangers if one.host in ours), default=99)
    assert all(one.priority < limit for one in left)
    assert sorted(left, key=str) == sorted((one for one in exchangers if one.priority < limit), key=str)


@given(EXCHANGERS, st.integers())
def test_mixing_keeps_the_preference(exchangers: list[MailExchanger], seed: int) -> None:
    in_order = sorted(exchangers, key=lambda one: one.priority)

    mixed = shuffled(in_order, random.Random(seed))

    assert [one.priority for one in mixed] == [one.priority for one in in_order]
    assert sorted(mixed, key=str) == sorted(in_order, key=str)


def test_equal_servers_share_the_load() -> None:
    equal = [MailExchanger(10, host) for host in "abc"]

    first = {shuffled(equal, random.Random(seed))[0].host for seed in range(50)}

    assert first == {"a", "b", "c"}
