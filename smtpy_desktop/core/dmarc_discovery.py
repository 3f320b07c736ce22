"""Find the DMARC record that a domain inherits from its parents, and whether report addresses agree to reports."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from publicsuffixlist import PublicSuffixList

from smtpy_desktop.core.dmarc_record import POLICIES, DmarcRecord, parse_dmarc, tree_walk_names
from smtpy_desktop.core.dns_codes import STATE_CODES, DnsCode
from smtpy_desktop.core.dns_finding import Finding, record_domain, right
from smtpy_desktop.schemas.dns import Answer, AnswerState, Question, Verdict, WantedRecord
from smtpy_desktop.schemas.text import Text, text

_PREFIX = "_dmarc."


def parent_questions(domain: str) -> tuple[Question, ...]:
    """Return the questions of the tree walk above the domain itself (RFC 9989 section 4.10)."""
    return tuple(Question(name, "TXT") for name in tree_walk_names(domain)[1:])


def inherited_finding(wanted: WantedRecord, probes: Mapping[Question, Answer]) -> Finding | None:
    """Judge the record that applies to a domain without one of its own; None if there is none or nobody asked.

    Where a parent could not be asked the finding is unknown, but for top-level domains: those without an answer
    are taken as having no record, as all but a few have none.
    """
    domain = record_domain(wanted)
    asked = {question.name: probes[question] for question in parent_questions(domain) if question in probes}
    records = {name: record for name, answer in asked.items() if (record := _single_record(answer)) is not None}
    name = _applicable_name(domain, records)
    if name is not None:
        return _judge_inherited(wanted, name.removeprefix(_PREFIX), records[name])
    silent = [(name, answer) for name, answer in asked.items() if not answer.state.is_definite and name.count(".") > 1]
    return _unasked(*silent[0]) if silent else None


def report_questions(wanted: WantedRecord, values: tuple[str, ...]) -> tuple[Question, ...]:
    """Return what to ask to learn whether report addresses elsewhere agree to reports (RFC 9990 section 4)."""
    domain = record_domain(wanted)
    targets = {
        address.partition("@")[2].rstrip(".")
        for value in values
        if (record := parse_dmarc(value)) is not None
        for address in record.report_addresses
    }
    return tuple(
        Question(f"{domain}._report._dmarc.{target}", "TXT")
        for target in sorted(targets)
        if not _same_organization(domain, target)
    )


def report_warnings(
    wanted: WantedRecord, values: tuple[str, ...], probes: Mapping[Question, Answer]
) -> tuple[Text, ...]:
    """Name the report addresses that will get nothing as their domain does not agree (RFC 9990 section 4)."""
    return tuple(
        text(
            "Reports to {target} are not sent as long as {target} does not agree: publish a TXT record “v=DMARC1;” at"
            " {name} (RFC 9990 section 4).",
            target=question.name.partition("._report._dmarc.")[2],
            name=question.name,
        )
        for question in report_questions(wanted, values)
        if question in probes and probes[question].state.is_definite and not _agrees(probes[question])
    )


def _agrees(answer: Answer) -> bool:
    return any(value.strip().startswith("v=DMARC1") for value in answer.values)


def _single_record(answer: Answer) -> DmarcRecord | None:
    """Return the one valid record of an answer; several are all discarded (RFC 9989 section 4.10 step 2)."""
    if answer.state is not AnswerState.FOUND:
        return None
    records = [record for value in answer.values if (record := parse_dmarc(value)) is not None]
    return records[0] if len(records) == 1 else None


def _applicable_name(domain: str, records: Mapping[str, DmarcRecord]) -> str | None:
    """Choose among the records found above a domain (RFC 9989 sections 4.10.1 and 4.10.2).

    The record of the organizational domain applies; the record of a public suffix only if there is no other.
    """
    lowest_first = [name for name in tree_walk_names(domain)[1:] if name in records]
    below = ""
    for name in lowest_first:
        if records[name].psd == "n":
            return name
        if records[name].psd == "y":
            return below if below and _is_child(below, name) else name
        below = name
    return lowest_first[-1] if lowest_first else None


def _is_child(name: str, parent: str) -> bool:
    return name.removeprefix(_PREFIX).partition(".")[2] == parent.removeprefix(_PREFIX)


def _judge_inherited(wanted: WantedRecord, parent: str, record: DmarcRecord) -> Finding | None:
    asked = parse_dmarc(wanted.value)
    least = max(asked.strength, 0) if asked else 0
    domain = record_domain(wanted)
    if record.subdomain_strength < least:
        return Finding(
            Verdict.WRONG,
            DnsCode.DMARC_WEAKER_POLICY,
            text(
                "{domain} has no DMARC record of its own, and what it inherits from {parent} amounts to {found}; wanted"
                " is {wanted} or stricter (RFC 9989 section 4.10.1). Publish the record shown.",
                domain=domain,
                parent=parent,
                found=POLICIES[max(record.subdomain_strength, 0)],
                wanted=POLICIES[least],
            ),
        )
    inherited = text(
        "{domain} has no DMARC record of its own; the one of {parent} applies to it and amounts to {found} (RFC 9989"
        " section 4.10.1). A change there changes it here.",
        domain=domain,
        parent=parent,
        found=POLICIES[record.subdomain_strength],
    )
    reports = [
        text(
            "Aggregate reports go where {parent} sends them, and not to {address} (RFC 9989 section 4.7, tag rua).",
            parent=parent,
            address=address,
        )
        for address in (asked.report_addresses if asked else ())
        if address not in record.report_addresses
    ]
    return right(inherited, *reports, code=DnsCode.DMARC_INHERITED)


def _unasked(name: str, answer: Answer) -> Finding:
    return Finding(
        Verdict.UNKNOWN,
        STATE_CODES[answer.state],
        text(
            "There is no DMARC record at the name itself, and whether one is inherited is unknown: {name} could not be"
            " asked for (RFC 9989 section 4.10). Verify again in a moment.",
            name=name,
        ),
    )


def _same_organization(domain: str, other: str) -> bool:
    """Tell whether two domains are one organization's, by the public suffix list: the tree walk would ask too much."""
    if domain == other or domain.endswith(f".{other}") or other.endswith(f".{domain}"):
        return True
    suffixes = _public_suffixes()
    return suffixes.privatesuffix(domain) == suffixes.privatesuffix(other) is not None


@functools.cache
def _public_suffixes() -> PublicSuffixList:
    return PublicSuffixList()
