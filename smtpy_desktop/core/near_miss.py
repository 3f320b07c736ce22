"""Explain wrong records: which further questions are worth asking, and what the answers say was done wrong."""

from __future__ import annotations

from dataclasses import replace

from smtpy_desktop.core.dmarc_discovery import parent_questions
from smtpy_desktop.core.dns_codes import DnsCode
from smtpy_desktop.core.dns_finding import Finding, excerpt, record_domain
from smtpy_desktop.core.mx_record import wanted_exchangers
from smtpy_desktop.core.near_miss_mx import alias_questions, explain_mx
from smtpy_desktop.core.near_miss_text import Explanation, explain_text
from smtpy_desktop.core.record_comparison import compare_answer, compare_values
from smtpy_desktop.schemas.dns import Answer, AnswerState, Question, RecordEvidence, RecordKind, Verdict, WantedRecord
from smtpy_desktop.schemas.mail_identity import MailIdentity
from smtpy_desktop.schemas.text import Text, text

WILDCARD_PREFIX = "smtpy-wildcard-"
"""Begins the label of the question that only a wildcard answers, so that it is known again among the probes."""

_SAID_ENOUGH = {
    DnsCode.SPF_TWO_RECORDS,
    DnsCode.DKIM_SEVERAL_KEYS,
    DnsCode.DKIM_REVOKED,
    DnsCode.DKIM_HASH,
    DnsCode.DKIM_SERVICE,
    DnsCode.DMARC_SEVERAL_RECORDS,
    DnsCode.MX_NULL,
}

_NOTHING_THERE = {DnsCode.NO_NAME, DnsCode.NO_RECORD}


def probe_questions(
    evidence: RecordEvidence, *, wanted: tuple[WantedRecord, ...] = (), random_label: str
) -> tuple[Question, ...]:
    """Return the extra questions whose answers may explain a wrong verdict, most telling first.

    ``wanted`` is the whole set for MX (default: the record of the evidence alone). ``random_label`` makes the
    question for a wildcard; the caller draws it anew each time, so that no cache knows it.
    """
    wanted = wanted or (evidence.wanted,)
    first = wanted[0]
    questions = list(_other_places(first))
    if first.kind is RecordKind.DMARC:
        questions = [*parent_questions(record_domain(first)), *questions]
    if first.kind is RecordKind.MX:
        for answer in evidence.answers:
            questions += alias_questions(answer.values, wanted)
    if not any(answer.chain for answer in evidence.answers):
        questions.append(Question(first.host, "CNAME"))
    parent = first.host.partition(".")[2]
    if "." in parent:
        questions.append(Question(f"{WILDCARD_PREFIX}{random_label}.{parent}", first.type))
    return tuple(dict.fromkeys(question for question in questions if len(question.name) <= 253))


def explain(
    evidence: RecordEvidence, *, wanted: tuple[WantedRecord, ...] = (), identity: MailIdentity
) -> Explanation | None:
    """Name the near miss behind a wrong record with wanted and found; None if nothing known fits."""
    wanted = wanted or (evidence.wanted,)
    answer, finding = _wrong_answer(evidence, wanted, identity)
    if finding is not None and finding.code in _SAID_ENOUGH:
        return None
    values = answer.values if answer is not None else ()
    explanation = _by_value(values, evidence, wanted, identity) if values else None
    return (
        explanation
        or _by_place(evidence, wanted, identity)
        or (_by_wildcard(values, evidence, wanted[0]) if values else None)
        or (_by_alias(evidence, wanted[0]) if finding is None or finding.code in _NOTHING_THERE else None)
    )


def alias_warning(evidence: RecordEvidence, wanted: WantedRecord) -> Text | None:
    """Say where a wrong record really stands that was found by following a CNAME (which is no mistake by itself)."""
    chain = next((answer.chain for answer in evidence.answers if answer.chain and answer.values), ())
    if not chain:
        return None
    return text(
        "The record was found at {target}, as {host} is an alias (CNAME) for it. Correct it there.",
        target=chain[-1].rstrip("."),
        host=wanted.host,
    )


def _wrong_answer(
    evidence: RecordEvidence, wanted: tuple[WantedRecord, ...], identity: MailIdentity
) -> tuple[Answer | None, Finding | None]:
    """Choose the answer to explain: the zone's own servers before resolvers, values before none."""
    definite = [answer for answer in evidence.answers if answer.state.is_definite]
    for answer in sorted(definite, key=lambda one: (not one.authoritative, not one.values)):
        finding = compare_answer(answer, wanted, evidence, identity)
        if finding.verdict is Verdict.WRONG:
            return answer, finding
    return None, None


def _by_value(
    values: tuple[str, ...], evidence: RecordEvidence, wanted: tuple[WantedRecord, ...], identity: MailIdentity
) -> Explanation | None:
    if wanted[0].kind is RecordKind.MX:
        return explain_mx(values, wanted, evidence.probes)
    unevaluated = replace(evidence, spf={})  # a mended SPF record was never evaluated: it is judged by its terms

    def judge(mended: tuple[str, ...]) -> Finding:
        return compare_values(mended, wanted, unevaluated, identity)

    if judge(values).verdict is Verdict.OK:
        return None
    return explain_text(values, wanted[0], identity.spf, judge)


def _other_places(wanted: WantedRecord) -> dict[Question, DnsCode]:
    """Return where the record may have been put instead, and what that mistake is called."""
    host, domain, kind = wanted.host, record_domain(wanted), wanted.type
    label = host.removesuffix(domain).rstrip(".")
    names: dict[str, DnsCode] = {f"{host}.{domain}": DnsCode.NEAR_DOUBLED_SUFFIX}
    match wanted.kind:
        case RecordKind.MX | RecordKind.SPF:
            wrong_names = [f"www.{domain}", f"@.{domain}"]
        case RecordKind.DKIM:
            selector = label.partition(".")[0]
            wrong_names = [domain, f"{selector}.{domain}", f"_domainkey.{domain}", f"{selector}.domainkey.{domain}"]
        case _:
            wrong_names = [domain, f"{label.lstrip('_')}.{domain}", f"{label}.www.{domain}"]
    names |= dict.fromkeys(wrong_names, DnsCode.NEAR_WRONG_NAME)
    places = {Question(name, kind): code for name, code in names.items()}
    if wanted.kind is RecordKind.MX:
        places[Question(domain, "TXT")] = DnsCode.NEAR_WRONG_TYPE
    return places


def _by_place(evidence: RecordEvidence, wanted: tuple[WantedRecord, ...], identity: MailIdentity) -> Explanation | None:
    for question, code in _other_places(wanted[0]).items():
        answer = evidence.probes.get(question)
        if answer is None or answer.state is not AnswerState.FOUND or not answer.values:
            continue
        if code is DnsCode.NEAR_WRONG_TYPE:
            is_there = _mentions_exchanger(answer.values, wanted)
        else:
            finding = compare_values(answer.values, wanted, evidence, identity)
            is_there = finding.verdict is Verdict.OK
        if is_there:
            return _place_explanation(code, question, wanted[0])
    return None


def _mentions_exchanger(values: tuple[str, ...], wanted: tuple[WantedRecord, ...]) -> bool:
    hosts = {entry.host for entry in wanted_exchangers(wanted)}
    return any(word.rstrip(".").lower() in hosts for value in values for word in value.strip('"').split())


def _place_explanation(code: DnsCode, question: Question, wanted: WantedRecord) -> Explanation:
    if code is DnsCode.NEAR_DOUBLED_SUFFIX:
        domain = record_domain(wanted)
        return code, text(
            "The record stands at {found}: your provider adds the domain by itself (as zone files do to names without a"
            " final dot, RFC 1035 section 5.1). Enter only “{label}” as the name, so that it becomes {wanted}.",
            found=question.name,
            label=wanted.host.removesuffix(domain).rstrip(".") or "@",
            wanted=wanted.host,
        )
    if code is DnsCode.NEAR_WRONG_NAME:
        return code, text(
            "The record stands at {found}, where nobody looks for it. Move it to {wanted}.",
            found=question.name,
            wanted=wanted.host,
        )
    return code, text(
        "The mail server was published in a {found} record at {host}. It belongs in an MX record (RFC 5321 section"
        " 5.1).",
        found=question.type,
        host=wanted.host,
    )


def _by_wildcard(values: tuple[str, ...], evidence: RecordEvidence, wanted: WantedRecord) -> Explanation | None:
    parent = wanted.host.partition(".")[2]
    for question, answer in evidence.probes.items():
        is_wildcard = question.name.startswith(WILDCARD_PREFIX) and question.name.partition(".")[2] == parent
        if is_wildcard and answer.state is AnswerState.FOUND and set(answer.values) == set(values):
            return DnsCode.NEAR_WILDCARD, text(
                "{host} has no record of its own: a wildcard (*) answers for every name with {found} (RFC 4592)."
                " Publish the wanted record at {host}; it then counts instead of the wildcard.",
                host=wanted.host,
                found=excerpt(values[0]),
            )
    return None


def _by_alias(evidence: RecordEvidence, wanted: WantedRecord) -> Explanation | None:
    probe = evidence.probes.get(Question(wanted.host, "CNAME"))
    probed = probe.values if probe is not None and probe.state is AnswerState.FOUND else ()
    chain = next((answer.chain for answer in evidence.answers if answer.chain), probed)
    if not chain:
        return None
    return DnsCode.NEAR_CNAME, text(
        "{host} is an alias (CNAME) for {target}, and {target} has no such record (RFC 1034 section 3.6.2). Publish the"
        " {type} record at {target}, or delete the CNAME record and publish it at {host}.",
        host=wanted.host,
        target=chain[-1].rstrip("."),
        type=wanted.type,
    )
