"""Which records a domain is asked to publish."""

from __future__ import annotations

import string

from smtpy_desktop.core.wanted_records import new_verification_token, wanted_records
from smtpy_desktop.schemas.dns import RecordKind, WantedRecord
from smtpy_desktop.schemas.mail_identity import MailExchanger, MailIdentity

IDENTITY = MailIdentity(
    mx=(MailExchanger(10, "mx1.example.net"), MailExchanger(20, "mx2.example.net")),
    spf="include:spf.example.net",
    dmarc="v=DMARC1; p=none",
)


def records_for(identity: MailIdentity = IDENTITY, existing_spf: str | None = None) -> tuple[WantedRecord, ...]:
    return wanted_records(
        "example.com",
        identity=identity,
        dkim_selector="s1",
        dkim_public_key="TUlJQg==",
        verification_token="abc",
        existing_spf=existing_spf,
    )


def test_a_domain_publishes_five_kinds_in_the_order_they_are_shown() -> None:
    records = records_for()

    assert [(record.kind, record.host, record.type, record.priority, record.value) for record in records] == [
        (RecordKind.MX, "example.com", "MX", 10, "mx1.example.net."),
        (RecordKind.MX, "example.com", "MX", 20, "mx2.example.net."),
        (RecordKind.SPF, "example.com", "TXT", None, "v=spf1 include:spf.example.net ~all"),
        (RecordKind.DKIM, "s1._domainkey.example.com", "TXT", None, "v=DKIM1; k=rsa; p=TUlJQg=="),
        (RecordKind.DMARC, "_dmarc.example.com", "TXT", None, "v=DMARC1; p=none"),
        (RecordKind.OWNERSHIP, "_smtpy-challenge.example.com", "TXT", None, "smtpy-verification=abc"),
    ]
    assert {record.ttl for record in records} == {3600}


def test_the_domains_own_spf_record_is_merged_and_marked() -> None:
    spf = records_for(existing_spf="v=spf1 mx -all")[2]

    assert spf.value == "v=spf1 mx include:spf.example.net -all"
    assert spf.merged


def test_an_existing_record_that_is_the_plain_one_is_not_called_merged() -> None:
    assert not records_for(existing_spf="v=spf1 include:spf.example.net ~all")[2].merged
    assert not records_for(existing_spf="something else")[2].merged


def test_what_the_mail_identity_lacks_is_not_asked_for() -> None:
    kinds = [record.kind for record in records_for(MailIdentity())]

    assert kinds == [RecordKind.DKIM, RecordKind.OWNERSHIP]


def test_tokens_are_long_random_and_plain() -> None:
    tokens = {new_verification_token() for _ in range(100)}

    assert len(tokens) == 100
    assert all(len(token) >= 32 and set(token) <= set(string.hexdigits.lower()) for token in tokens)
