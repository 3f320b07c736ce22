"""What takes mail to an address: its alias, that before ``+tag``, the catch-all; compared without case."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.alias_matching import candidate_keys, find_destination, match_address
from smtpy_desktop.core.alias_targets import parse_alias_address
from smtpy_desktop.core.email_address import address_key, parse_address
from smtpy_desktop.schemas.aliases import Forwarding, MatchKind, ServedAlias, ServedDomain, Target

OUT = Target("box@out.example", "box@out.example")
DOMAIN = ServedDomain(
    1, "a.example", "a.example", is_active=True, catch_all=None, owner=Target("admin@out.example", "admin@out.example")
)
LOCAL_PARTS = st.text("abcXYZéß+.-_=", min_size=1, max_size=12).filter(
    lambda local: not (local.startswith(".") or local.endswith(".") or ".." in local)
)


def alias(key: str, *, is_active: bool = True) -> ServedAlias:
    return ServedAlias(key, key, (OUT,), is_active)


def served(*aliases: ServedAlias, domain: ServedDomain = DOMAIN) -> Forwarding:
    return Forwarding({domain.name: domain}, {one.key: one for one in aliases})


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("info@a.example", MatchKind.ALIAS),
        ("INFO+news@A.example", MatchKind.TAG),
        ("info+exact@a.example", MatchKind.ALIAS),
        ("+info@a.example", MatchKind.NONE),
        ("other@a.example", MatchKind.NONE),
        ("Postmaster@a.example", MatchKind.POSTMASTER),
        ("info@elsewhere.example", MatchKind.ELSEWHERE),
    ],
)
def test_the_nearest_alias_takes_the_mail(address: str, kind: MatchKind) -> None:
    forwarding = served(alias("info@a.example"), alias("info+exact@a.example"))

    match = match_address(forwarding, parse_address(address, field="address").key)

    assert match.kind is kind


def test_the_catch_all_takes_what_no_alias_takes_and_postmaster_too() -> None:
    forwarding = served(alias("info@a.example"), domain=replace(DOMAIN, catch_all=OUT))

    kinds = [match_address(forwarding, f"{name}@a.example").kind for name in ("info", "x", "x+y", "postmaster")]

    assert kinds == [MatchKind.ALIAS, MatchKind.CATCH_ALL, MatchKind.CATCH_ALL, MatchKind.CATCH_ALL]


def test_an_alias_that_is_switched_off_refuses_its_mail_before_any_catch_all() -> None:
    forwarding = served(alias("info@a.example", is_active=False), domain=replace(DOMAIN, catch_all=OUT))

    found = find_destination(forwarding, Target("info+x@a.example", "info+x@a.example"))

    assert (found.match.kind, found.targets) == (MatchKind.TAG, ())
    assert "switched off" in str(found.reason)


@given(LOCAL_PARTS)
def test_property_spelling_decides_nothing(local: str) -> None:
    spellings = {address_key(spelled, "a.example") for spelled in (local, local.upper(), local.lower(), local.title())}

    assert len(spellings) == 1


@given(LOCAL_PARTS, st.text("abc+", max_size=6))
def test_property_the_address_itself_comes_first_and_a_tag_is_cut_at_the_first_plus(local: str, tag: str) -> None:
    name = local.partition("+")[0]
    keys = candidate_keys(f"{local}+{tag}@a.example")

    assert keys[0] == f"{local}+{tag}@a.example"
    assert keys[1:] == ((f"{name}@a.example",) if name else ())


def test_the_domain_is_compared_as_an_a_label_and_the_spelling_is_kept() -> None:
    parsed = parse_alias_address(" Frühstück@CAFÉ.example. ")

    assert (parsed.local_part, parsed.domain) == ("Frühstück", "xn--caf-dma.example")
    assert parsed.key == "frühstück@xn--caf-dma.example"
