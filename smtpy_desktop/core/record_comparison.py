"""Choose the comparator of a record's kind and give it what one server answered."""

from __future__ import annotations

from collections.abc import Mapping

from smtpy_desktop.core.dkim_record import compare_dkim
from smtpy_desktop.core.dmarc_discovery import inherited_finding, report_warnings
from smtpy_desktop.core.dmarc_record import compare_dmarc
from smtpy_desktop.core.dns_codes import DnsCode
from smtpy_desktop.core.dns_finding import Finding, wrong
from smtpy_desktop.core.mx_record import compare_mx, wanted_exchangers
from smtpy_desktop.core.ownership_record import compare_ownership
from smtpy_desktop.core.spf_verdict import compare_spf
from smtpy_desktop.schemas.dns import Answer, AnswerState, Question, RecordEvidence, RecordKind, WantedRecord
from smtpy_desktop.schemas.mail_identity import MailIdentity
from smtpy_desktop.schemas.text import text


def compare_answer(
    answer: Answer, wanted: tuple[WantedRecord, ...], evidence: RecordEvidence, identity: MailIdentity
) -> Finding:
    """Judge one definite answer; a negative one is wrong but for a DMARC policy that is inherited."""
    first = wanted[0]
    if answer.state is AnswerState.FOUND and answer.values:
        finding = compare_values(answer.values, wanted, evidence, identity)
    else:
        finding = _nothing(first, answer.state)
    if first.kind is not RecordKind.DMARC:
        return finding
    if finding.code in (DnsCode.NO_NAME, DnsCode.NO_RECORD):
        return inherited_finding(first, evidence.probes) or finding
    return _with_report_warnings(finding, answer.values, first, evidence.probes)


def compare_values(
    values: tuple[str, ...], wanted: tuple[WantedRecord, ...], evidence: RecordEvidence, identity: MailIdentity
) -> Finding:
    """Judge the values of one answer (at least one value) by the rules of the record's kind."""
    first = wanted[0]
    match first.kind:
        case RecordKind.MX:
            return compare_mx(first.host, wanted_exchangers(wanted), values)
        case RecordKind.SPF:
            return compare_spf(first.host, values, evidence.spf, identity.spf)
        case RecordKind.DKIM:
            return compare_dkim(first.host, first.value, values)
        case RecordKind.DMARC:
            return compare_dmarc(first.host, first.value, values)
        case RecordKind.OWNERSHIP:
            return compare_ownership(first.host, first.value, values)


def _nothing(wanted: WantedRecord, state: AnswerState) -> Finding:
    if state is AnswerState.NO_NAME:
        return wrong(
            DnsCode.NO_NAME,
            text(
                "Nothing is published at {host}: the name does not exist (NXDOMAIN, RFC 2308 section 2.1). Publish the"
                " record shown.",
                host=wanted.host,
            ),
        )
    return wrong(
        DnsCode.NO_RECORD,
        text(
            "{host} exists, but has no {type} record (NODATA, RFC 2308 section 2.2). Publish the record shown.",
            host=wanted.host,
            type=wanted.type,
        ),
    )


def _with_report_warnings(
    finding: Finding, values: tuple[str, ...], wanted: WantedRecord, probes: Mapping[Question, Answer]
) -> Finding:
    warnings = report_warnings(wanted, values, probes) if probes else ()
    if not warnings:
        return finding
    return Finding(finding.verdict, finding.code, finding.reason, (*finding.warnings, *warnings))
