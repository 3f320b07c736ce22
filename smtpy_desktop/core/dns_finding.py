"""What a comparator says about the values that one server gave, and small helpers to say it."""

from __future__ import annotations

from dataclasses import dataclass

from smtpy_desktop.core.dns_codes import DnsCode
from smtpy_desktop.schemas.dns import RecordKind, Verdict, WantedRecord
from smtpy_desktop.schemas.text import Text, text


@dataclass(frozen=True, slots=True)
class Finding:
    """The judgement on one set of values, before the answers of several servers are put together."""

    verdict: Verdict
    code: DnsCode
    reason: Text
    warnings: tuple[Text, ...] = ()


def right(*warnings: Text, code: DnsCode = DnsCode.OK) -> Finding:
    """Build the finding for values that are as wanted."""
    return Finding(Verdict.OK, code, text("The record is as wanted."), warnings)


def wrong(code: DnsCode, reason: Text, *warnings: Text) -> Finding:
    """Build the finding for values that are definitely not as wanted."""
    return Finding(Verdict.WRONG, code, reason, warnings)


def excerpt(value: str, limit: int = 90) -> str:
    """Shorten a value for a sentence; the middle goes, as the ends tell most."""
    if len(value) <= limit:
        return value
    head = limit * 2 // 3
    return f"{value[:head]}…{value[head + 1 - limit :]}"


def record_domain(wanted: WantedRecord) -> str:
    """Tell the domain that a wanted record belongs to, from its host (``_dmarc.example.com`` → ``example.com``)."""
    host = wanted.host.rstrip(".").lower()
    if wanted.kind is RecordKind.DKIM:
        _selector, mark, domain = host.partition("._domainkey.")
        return domain if mark else host
    while host.startswith("_") and "." in host:
        host = host.partition(".")[2]
    return host
