"""How states, verdicts and kinds of records are named, coloured and marked wherever domains are shown."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Literal

from smtpy_desktop.core.rsa_key_size import rsa_key_bits
from smtpy_desktop.schemas.dns import Answer, AnswerState, DnsReport, RecordKind, Verdict, WantedRecord
from smtpy_desktop.schemas.domains import DomainStatus
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.painting import MarkCell, PillCell
from smtpy_desktop.views.widgets.texts import tr

UNKNOWN_ICON = "help-circle"


def status_word(status: DomainStatus) -> str:
    """Return a domain's state in words."""
    match status:
        case DomainStatus.PENDING:
            return tr("Pending")
        case DomainStatus.VERIFIED:
            return tr("Verified")
        case DomainStatus.FAILED:
            return tr("Failed")


def status_pill(status: DomainStatus) -> PillCell:
    """Return a domain's state as a pill."""
    tones = {DomainStatus.PENDING: Tone.MUTED, DomainStatus.VERIFIED: Tone.OK, DomainStatus.FAILED: Tone.BAD}
    return PillCell(status_word(status), tones[status])


def kind_name(kind: RecordKind) -> str:
    """Return what a kind of record is called."""
    return tr("Ownership") if kind is RecordKind.OWNERSHIP else kind.value.upper()


def kind_label(kind: RecordKind) -> str:
    """Return the short name for marks in a row."""
    return tr("Own") if kind is RecordKind.OWNERSHIP else kind.value.upper()


def verdict_word(verdict: Verdict | None) -> str:
    """Return what a check says; None: there was none."""
    match verdict:
        case Verdict.OK:
            return tr("right")
        case Verdict.WRONG:
            return tr("wrong")
        case Verdict.UNKNOWN:
            return tr("could not be asked")
        case None:
            return tr("not checked yet")


def verdict_icon(verdict: Verdict | None) -> tuple[str, Tone]:
    """Return the icon and tone of a verdict."""
    match verdict:
        case Verdict.OK:
            return "circle-check", Tone.OK
        case Verdict.WRONG:
            return "x", Tone.BAD
        case Verdict.UNKNOWN:
            return UNKNOWN_ICON, Tone.WARN
        case None:
            return UNKNOWN_ICON, Tone.MUTED


def result_sentence(report: DnsReport) -> str:
    """Return how many records are right, and how many could not be asked about."""
    total, right = len(report.records), report.right
    unknown = sum(record.verdict is Verdict.UNKNOWN for record in report.records)
    if right == total:
        return tr("All {total} records are right.", total=total)
    if unknown == total:
        return tr("None of the {total} records could be asked about.", total=total)
    if unknown:
        return tr(
            "{right} of {total} records are right, {unknown} could not be asked about.",
            right=right,
            total=total,
            unknown=unknown,
        )
    return tr("{right} of {total} records are right.", right=right, total=total)


def record_mark(kind: RecordKind, verdict: Verdict | None) -> MarkCell:
    """Return the mark of one record in a row of marks."""
    icon, tone = verdict_icon(verdict)
    words = tr("{record}: {verdict}", record=kind_name(kind), verdict=verdict_word(verdict))
    return MarkCell(kind_label(kind), tone, words, icon)


def records_sentence(records: dict[RecordKind, Verdict]) -> str:
    """Return all marks in words, one per line."""
    return "\n".join(record_mark(kind, records.get(kind)).description for kind in RecordKind)


def record_summary(kind: RecordKind, domain: str, wanted: Sequence[WantedRecord], found: Sequence[str]) -> str:
    """Return one line about a record that is right: what it says, or where it stands."""
    values = tuple(found) or tuple(record.value for record in wanted)
    match kind:
        case RecordKind.MX if wanted:
            return ", ".join(f"{record.value.rstrip('.')} ({record.priority})" for record in wanted)
        case RecordKind.DKIM if wanted:
            return _key_summary(short_host(wanted[0].host, domain), wanted[0].value)
        case RecordKind.OWNERSHIP if wanted:
            return short_host(wanted[0].host, domain)
    return ", ".join(values)


def short_host(host: str, domain: str) -> str:
    """Return a host as providers ask for it who add the domain themselves: ``@`` for the domain itself."""
    if host == domain:
        return "@"
    return host.removesuffix(f".{domain}")


def answer_words(answer: Answer, published: Sequence[str]) -> str:
    """Return what a server answered; what stands above already is not repeated."""
    match answer.state:
        case AnswerState.FOUND:
            if published and sorted(answer.values) == sorted(published):
                return tr("same as above")
            return ", ".join(answer.values)
        case AnswerState.EMPTY:
            return tr("no such record")
        case AnswerState.NO_NAME:
            return tr("no such name")
        case AnswerState.TIMEOUT:
            seconds = max(1, round(answer.milliseconds / 1000))
            return tr("no answer within {seconds} s", seconds=seconds)
        case failure:
            return _failure_words(failure)


_Failure = Literal[
    AnswerState.SERVFAIL,
    AnswerState.REFUSED,
    AnswerState.UNREACHABLE,
    AnswerState.MALFORMED,
    AnswerState.LAME,
    AnswerState.TRUNCATED,
]


def _failure_words(state: _Failure) -> str:
    match state:
        case AnswerState.SERVFAIL:
            return "SERVFAIL"
        case AnswerState.REFUSED:
            return "REFUSED"
        case AnswerState.UNREACHABLE:
            return tr("cannot be reached")
        case AnswerState.MALFORMED:
            return tr("no valid answer")
        case AnswerState.LAME:
            return tr("does not serve this zone")
        case AnswerState.TRUNCATED:
            return tr("cut off twice")


def state_sentence(state: AnswerState) -> str:
    """Return what it means that a server answered like this; nothing where it gave records."""
    match state:
        case AnswerState.FOUND:
            return ""
        case AnswerState.EMPTY:
            return tr("The name exists, but has no record of this type (NODATA).")
        case AnswerState.NO_NAME:
            return tr("The name does not exist (NXDOMAIN).")
        case AnswerState.TIMEOUT:
            return tr("The server did not answer in time.")
        case failure:
            return _failure_sentence(failure)


def _failure_sentence(state: _Failure) -> str:
    match state:
        case AnswerState.SERVFAIL:
            return tr("The server cannot answer at present: its zone data or DNSSEC is broken.")
        case AnswerState.REFUSED:
            return tr("The server refuses to answer: it does not serve this zone, or not to us.")
        case AnswerState.UNREACHABLE:
            return tr("The server cannot be reached over the network.")
        case AnswerState.MALFORMED:
            return tr("The server answered with something that is no valid DNS message.")
        case AnswerState.LAME:
            return tr("The server does not serve this zone, although the zone's NS records name it (lame delegation).")
        case AnswerState.TRUNCATED:
            return tr("The server cut its answer off, over TCP as well.")


def _key_summary(host: str, value: str) -> str:
    try:
        bits = rsa_key_bits(base64.b64decode(value.partition("p=")[2], validate=True))
    except binascii.Error:
        bits = None
    return tr("{host} · {bits} bit", host=host, bits=bits) if bits else host
