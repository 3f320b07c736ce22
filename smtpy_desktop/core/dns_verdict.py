"""Put together what name servers and resolvers answered about one record: right, wrong, or not known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from smtpy_desktop.core.dmarc_discovery import report_questions
from smtpy_desktop.core.dns_codes import STATE_CODES, DnsCode
from smtpy_desktop.core.dns_finding import Finding
from smtpy_desktop.core.dns_verdict_texts import (
    all_right,
    no_authoritative,
    nothing_known,
    other_wrong,
    resolvers_disagree,
    resolvers_know,
    resolvers_silent,
    right_by_alias,
    right_by_resolvers,
    servers_disagree,
    spreading,
    stale_minority,
    still_cached,
    unasked,
    zone_unlisted,
)
from smtpy_desktop.core.near_miss import alias_warning, explain, probe_questions
from smtpy_desktop.core.record_comparison import compare_answer
from smtpy_desktop.core.spf_mending import mending_notes
from smtpy_desktop.schemas.dns import (
    Answer,
    AnswerState,
    Question,
    RecordEvidence,
    RecordKind,
    RecordReport,
    ServerAnswer,
    Verdict,
    WantedRecord,
)
from smtpy_desktop.schemas.mail_identity import MailIdentity
from smtpy_desktop.schemas.text import Text


@dataclass(frozen=True, slots=True)
class _Judged:
    """One answer with what it amounts to; ``finding`` is None when the server did not really answer."""

    answer: Answer
    finding: Finding | None

    @property
    def verdict(self) -> Verdict:
        return self.finding.verdict if self.finding is not None else Verdict.UNKNOWN


@dataclass(frozen=True, slots=True)
class _Group:
    """The answers of one kind of server, sorted by what they amount to."""

    right: tuple[_Judged, ...]
    wrong: tuple[_Judged, ...]
    unsure: tuple[_Judged, ...]

    @property
    def asked(self) -> int:
        return len(self.right) + len(self.wrong) + len(self.unsure)

    @property
    def quorum(self) -> int:
        """How many have to agree: more than half."""
        return self.asked // 2 + 1


@dataclass(frozen=True, slots=True)
class _Conclusion:
    verdict: Verdict
    code: DnsCode
    reason: Text
    warnings: tuple[Text, ...] = ()


def judge(
    kind: RecordKind, wanted: tuple[WantedRecord, ...], evidence: RecordEvidence, identity: MailIdentity
) -> RecordReport:
    """Judge one kind of record of a domain from everything that was found out about it.

    ``wanted`` has one record per exchanger for MX and one record otherwise; ``evidence.wanted`` is its first.
    """
    wanted = wanted or (evidence.wanted,)
    judged = _judge_answers(wanted, evidence, identity)
    servers = _group([one for one in judged if one.answer.authoritative])
    resolvers = _group([one for one in judged if not one.answer.authoritative])
    conclusion = _conclude(kind, servers, resolvers, unlisted=evidence.unlisted)
    if conclusion.verdict is Verdict.WRONG:
        conclusion = _with_near_miss(conclusion, wanted, evidence, identity)
    values = tuple(_shown(record) for record in wanted)
    is_wrong, mending = conclusion.verdict is Verdict.WRONG, evidence.mending
    notes = mending_notes(mending, identity.spf) if is_wrong and mending is not None else ()
    return RecordReport(
        kind=kind,
        host=wanted[0].host,
        type=wanted[0].type,
        verdict=conclusion.verdict,
        code=conclusion.code,
        reason=conclusion.reason,
        wanted=values,
        found=_found(kind, servers if servers.right or servers.wrong else resolvers),
        publish=values if is_wrong and (mending is None or mending.value) else (),
        warnings=_distinct((*notes, *conclusion.warnings)),
        answers=tuple(ServerAnswer(one.answer, one.verdict) for one in judged),
    )


def follow_up_questions(
    report: RecordReport, wanted: tuple[WantedRecord, ...], evidence: RecordEvidence, *, random_label: str
) -> tuple[Question, ...]:
    """Return what to ask next, to be judged again with the answers among ``evidence.probes``; empty if nothing.

    For a wrong record these explain near misses (and find an inherited DMARC policy), for a right DMARC record they
    tell whether report addresses elsewhere agree to reports. Questions already answered are left out.
    """
    questions: tuple[Question, ...] = ()
    if report.verdict is Verdict.WRONG:
        questions = probe_questions(evidence, wanted=wanted, random_label=random_label)
    elif report.verdict is Verdict.OK and report.kind is RecordKind.DMARC:
        questions = report_questions(wanted[0], report.found)
    return tuple(question for question in questions if question not in evidence.probes)


def _judge_answers(
    wanted: tuple[WantedRecord, ...], evidence: RecordEvidence, identity: MailIdentity
) -> tuple[_Judged, ...]:
    """Judge every answer; equal ones only once."""
    known: dict[tuple[AnswerState, tuple[str, ...]], Finding] = {}
    judged = []
    for answer in evidence.answers:
        if not answer.state.is_definite:
            judged.append(_Judged(answer, None))
            continue
        key = (answer.state, answer.values)
        if key not in known:
            known[key] = compare_answer(answer, wanted, evidence, identity)
        judged.append(_Judged(answer, known[key]))
    return tuple(judged)


def _group(judged: Sequence[_Judged]) -> _Group:
    def having(verdict: Verdict) -> tuple[_Judged, ...]:
        return tuple(one for one in judged if one.verdict is verdict)

    return _Group(having(Verdict.OK), having(Verdict.WRONG), having(Verdict.UNKNOWN))


def _conclude(kind: RecordKind, servers: _Group, resolvers: _Group, *, unlisted: bool) -> _Conclusion:
    if not servers.asked:
        if unlisted and resolvers.asked:
            return _by_resolvers_alone(resolvers)
        return _Conclusion(Verdict.UNKNOWN, DnsCode.NO_AUTHORITATIVE, no_authoritative())
    if servers.right and servers.wrong:
        reason = servers_disagree(_answers(servers.right), _answers(servers.wrong))
        return _Conclusion(Verdict.UNKNOWN, DnsCode.SERVERS_DISAGREE, reason, _silence(servers))
    if servers.right:
        return _published(kind, servers, resolvers)
    if servers.wrong:
        return _wrong(servers, resolvers)
    return _could_not_ask(servers, resolvers)


def _published(kind: RecordKind, servers: _Group, resolvers: _Group) -> _Conclusion:
    warnings = (*_finding_warnings(servers.right), *_silence(servers))
    if resolvers.asked and len(resolvers.right) < resolvers.quorum:
        if resolvers.wrong:
            return _Conclusion(Verdict.UNKNOWN, DnsCode.SPREADING, spreading(_answers(resolvers.wrong)), warnings)
        reason = resolvers_silent(len(resolvers.right), resolvers.asked, _names(resolvers.unsure))
        return _Conclusion(Verdict.UNKNOWN, DnsCode.RESOLVERS_SILENT, reason, (*warnings, *_silence(resolvers)))
    if resolvers.wrong:
        warnings = (*warnings, stale_minority(_answers(resolvers.wrong)))
    first = servers.right[0]
    counts = (len(servers.right), servers.asked, len(resolvers.right), resolvers.asked)
    chain = first.answer.chain
    reason = right_by_alias(chain, *counts) if chain and resolvers.asked else all_right(kind, *counts)
    return _Conclusion(Verdict.OK, _code(first), reason, (*warnings, *_silence(resolvers)))


def _wrong(servers: _Group, resolvers: _Group) -> _Conclusion:
    first = max(servers.wrong, key=lambda one: bool(one.answer.values))
    warnings = [*_finding_warnings((first,)), *_silence(servers)]
    if len({(one.answer.state, frozenset(one.answer.values)) for one in servers.wrong}) > 1:
        warnings.append(other_wrong(_answers(servers.wrong)))
    if resolvers.right:
        warnings.append(still_cached(_answers(resolvers.right)))
    return _Conclusion(Verdict.WRONG, _code(first), _reason(first), tuple(warnings))


def _could_not_ask(servers: _Group, resolvers: _Group) -> _Conclusion:
    """Give the state that most servers are in as the reason; an answer that could not be judged comes first."""
    warnings = _silence(servers)
    if resolvers.right:
        warnings = (*warnings, resolvers_know(len(resolvers.right), resolvers.asked))
    undecided = next((one for one in servers.unsure if one.finding is not None), None)
    if undecided is not None:
        return _Conclusion(
            Verdict.UNKNOWN, _code(undecided), _reason(undecided), (*_finding_warnings((undecided,)), *warnings)
        )
    by_state = _by_state(servers.unsure)
    state = max(by_state, key=lambda one: len(by_state[one]))
    others = tuple(unasked(other, names) for other, names in by_state.items() if other is not state)
    if resolvers.right:
        others = (*others, warnings[-1])
    return _Conclusion(Verdict.UNKNOWN, STATE_CODES[state], nothing_known(state, by_state[state]), others)


def _by_resolvers_alone(resolvers: _Group) -> _Conclusion:
    """Judge a zone without published name servers by the majority of the resolvers."""
    if len(resolvers.right) >= resolvers.quorum:
        first = resolvers.right[0]
        warnings = [zone_unlisted(), *_finding_warnings(resolvers.right), *_silence(resolvers)]
        if resolvers.wrong:
            warnings.append(stale_minority(_answers(resolvers.wrong)))
        reason = right_by_resolvers(len(resolvers.right), resolvers.asked)
        return _Conclusion(Verdict.OK, _code(first), reason, tuple(warnings))
    if len(resolvers.wrong) >= resolvers.quorum:
        conclusion = _wrong(resolvers, _Group(resolvers.right, (), ()))
        return _Conclusion(Verdict.WRONG, conclusion.code, conclusion.reason, (zone_unlisted(), *conclusion.warnings))
    if resolvers.right and resolvers.wrong:
        reason = resolvers_disagree(_answers(resolvers.right), _answers(resolvers.wrong))
        return _Conclusion(Verdict.UNKNOWN, DnsCode.SPREADING, reason, (zone_unlisted(), *_silence(resolvers)))
    conclusion = _could_not_ask(resolvers, _Group((), (), ()))
    return _Conclusion(Verdict.UNKNOWN, conclusion.code, conclusion.reason, (zone_unlisted(), *conclusion.warnings))


def _with_near_miss(
    conclusion: _Conclusion, wanted: tuple[WantedRecord, ...], evidence: RecordEvidence, identity: MailIdentity
) -> _Conclusion:
    explanation = explain(evidence, wanted=wanted, identity=identity)
    code, reason = explanation or (conclusion.code, conclusion.reason)
    alias = alias_warning(evidence, wanted[0]) if code is not DnsCode.NEAR_CNAME else None
    warnings = conclusion.warnings if alias is None else (alias, *conclusion.warnings)
    return _Conclusion(conclusion.verdict, code, reason, warnings)


def _found(kind: RecordKind, group: _Group) -> tuple[str, ...]:
    """List the distinct values found; for SPF only what has to do with it, if anything has."""
    values = tuple(
        dict.fromkeys(value for one in (*group.right, *group.wrong, *group.unsure) for value in one.answer.values)
    )
    if kind is RecordKind.SPF:
        return tuple(value for value in values if "spf" in value.lower()) or values
    return values


def _shown(record: WantedRecord) -> str:
    return record.value if record.priority is None else f"{record.priority} {record.value}"


def _silence(group: _Group) -> tuple[Text, ...]:
    """Name the servers that did not answer, by how they failed."""
    silent = [one for one in group.unsure if one.finding is None]
    return tuple(unasked(state, names) for state, names in _by_state(silent).items())


def _by_state(judged: Sequence[_Judged]) -> dict[AnswerState, list[str]]:
    states: dict[AnswerState, list[str]] = {}
    for one in judged:
        states.setdefault(one.answer.state, []).append(one.answer.server)
    return states


def _finding_warnings(judged: Sequence[_Judged]) -> tuple[Text, ...]:
    return tuple(warning for one in judged if one.finding is not None for warning in one.finding.warnings)


def _distinct(warnings: Sequence[Text]) -> tuple[Text, ...]:
    distinct: list[Text] = []
    for warning in warnings:
        if warning not in distinct:
            distinct.append(warning)
    return tuple(distinct)


def _answers(judged: Sequence[_Judged]) -> list[Answer]:
    return [one.answer for one in judged]


def _names(judged: Sequence[_Judged]) -> list[str]:
    return [one.answer.server for one in judged]


def _code(judged: _Judged) -> DnsCode:
    return judged.finding.code if judged.finding is not None else STATE_CODES[judged.answer.state]


def _reason(judged: _Judged) -> Text:
    if judged.finding is None:
        return nothing_known(judged.answer.state, (judged.answer.server,))
    return judged.finding.reason
