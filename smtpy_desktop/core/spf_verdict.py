"""Judge the SPF record of a domain by what RFC 7208 evaluation gives for our sending addresses."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from smtpy_desktop.core.dns_codes import DnsCode
from smtpy_desktop.core.dns_finding import Finding, excerpt, right, wrong
from smtpy_desktop.core.spf_macros import SpfSyntaxError
from smtpy_desktop.core.spf_record import is_spf_record, parse_record
from smtpy_desktop.core.spf_texts import malformed
from smtpy_desktop.schemas.dns import SpfOutcome, Verdict
from smtpy_desktop.schemas.text import Text, text

MAXIMUM_LOOKUPS = 10
WARNING_LOOKUPS = 8
"""From here on the next include of anybody may break the record (RFC 7208 section 4.6.4)."""


def compare_spf(
    host: str, values: tuple[str, ...], outcomes: Mapping[str, tuple[SpfOutcome, ...]], mechanism: str
) -> Finding:
    """Judge the TXT values of a domain, by evaluation where there are outcomes, else by our mechanism as a term."""
    records = [value for value in values if is_spf_record(value)]
    if not records:
        return wrong(
            DnsCode.NO_RECORD,
            text(
                "There is no SPF record among the {count} TXT records of {host}: none begins with v=spf1 and a blank"
                " (RFC 7208 section 4.5).",
                count=len(values),
                host=host,
            ),
        )
    if len(records) > 1:
        return wrong(
            DnsCode.SPF_TWO_RECORDS,
            text(
                "{host} has {count} SPF records. More than one is a permanent error, and none of them counts (RFC 7208"
                " sections 3.2 and 4.5). Replace them all by the one shown.",
                host=host,
                count=len(records),
            ),
        )
    evaluated = outcomes.get(records[0], ())
    return _by_evaluation(records[0], evaluated) if evaluated else _by_mechanism(host, records[0], mechanism)


def _by_evaluation(record: str, outcomes: tuple[SpfOutcome, ...]) -> Finding:
    warnings = _warnings(record, outcomes)
    broken = next((outcome for outcome in outcomes if outcome.result == "permerror"), None)
    if broken is not None:
        return wrong(DnsCode.SPF_PERMERROR, _permanent_error(broken), *warnings)
    failing = next((outcome for outcome in outcomes if outcome.result not in ("pass", "temperror")), None)
    if failing is not None:
        return wrong(DnsCode.SPF_NOT_COVERED, _not_covered(failing, outcomes, record), *warnings)
    unsure = next((outcome for outcome in outcomes if outcome.result == "temperror"), None)
    if unsure is not None:
        return Finding(Verdict.UNKNOWN, DnsCode.SPF_TEMPERROR, _temporary_error(unsure), warnings)
    return right(*warnings)


def _permanent_error(outcome: SpfOutcome) -> Text:
    if outcome.lookups > MAXIMUM_LOOKUPS:
        return text(
            "The SPF record needs {lookups} of 10 DNS look-ups allowed, so receivers ignore it (RFC 7208 section"
            " 4.6.4). Remove includes that are no longer used.",
            lookups=outcome.lookups,
        )
    if outcome.problem is not None:
        return outcome.problem
    return text(
        "The SPF record is invalid, so receivers ignore it (permerror for {address}, {lookups} of 10 look-ups,"
        " {void} of 2 void look-ups; RFC 7208 sections 4.6 and 2.6.7).",
        address=outcome.address,
        lookups=outcome.lookups,
        void=outcome.void_lookups,
    )


def _temporary_error(outcome: SpfOutcome) -> Text:
    if outcome.problem is not None:
        return outcome.problem
    return text(
        "The SPF record could not be evaluated for {address}: a name in it could not be asked for (temperror, RFC 7208"
        " section 2.6.6). Verify again in a moment.",
        address=outcome.address,
    )


def _not_covered(failing: SpfOutcome, outcomes: tuple[SpfOutcome, ...], record: str) -> Text:
    addresses = [outcome.address for outcome in outcomes if outcome.result not in ("pass", "temperror")]
    return text(
        "The SPF record does not cover {addresses}, where our mail comes from: the result is “{result}” (RFC 7208"
        " section 2.6). Found {found}",
        addresses=", ".join(addresses),
        result=failing.result,
        found=excerpt(record, 200),
    )


def _by_mechanism(host: str, record: str, mechanism: str) -> Finding:
    warnings = _warnings(record, ())
    try:
        parse_record(record)
    except SpfSyntaxError as error:
        return wrong(DnsCode.SPF_PERMERROR, malformed(host, error), *warnings)
    wanted = [_normalised(term) for term in mechanism.split()]
    counted: set[str] = set()
    for term in record.split()[1:]:
        if _is_all(term):
            break
        counted.add(_normalised(term))
    if wanted and counted.issuperset(wanted):
        return right(*warnings)
    return wrong(
        DnsCode.SPF_NOT_INCLUDED,
        text(
            "The SPF record has no term {mechanism} before its all (RFC 7208 section 4.6.2). Found {found}",
            mechanism=mechanism,
            found=excerpt(record, 200),
        ),
        *warnings,
    )


def _warnings(record: str, outcomes: tuple[SpfOutcome, ...]) -> tuple[Text, ...]:
    warnings = []
    lookups = max((outcome.lookups for outcome in outcomes), default=0)
    if WARNING_LOOKUPS <= lookups <= MAXIMUM_LOOKUPS:
        warnings.append(
            text(
                "The SPF record needs {lookups} of 10 DNS look-ups (RFC 7208 section 4.6.4): one more include may break"
                " it.",
                lookups=lookups,
            )
        )
    if any(_normalised(term) == "all" for term in record.split()[1:]):
        warnings.append(
            text("The SPF record ends in +all, which lets everybody send in the name of this domain. Use ~all or -all.")
        )
    return tuple(warnings)


def _is_all(term: str) -> bool:
    return term.lower().lstrip("+-~?") == "all"


def _normalised(term: str) -> str:
    """Write a term without "+", trailing dot and host-only prefix length; other qualifiers stay and so never match."""
    term = term.lower().removeprefix("+").rstrip(".")
    kind, _, content = term.partition(":")
    if kind not in ("ip4", "ip6") or not content:
        return term
    try:
        return f"{kind}:{ipaddress.ip_network(content, strict=False)}"
    except ValueError:
        return term
