"""The sentences in which a verdict on several servers' answers is given."""

from __future__ import annotations

import re
from collections.abc import Sequence

from smtpy_desktop.schemas.dns import Answer, AnswerState, RecordKind
from smtpy_desktop.schemas.text import Text, text

_LONG_MINUTES = 120
_EXCHANGER = re.compile(r"([0-9]+ [^ ]+)\.")
"""An MX value; its final dot would look like the end of the sentence."""


def all_right(kind: RecordKind, servers: int, asked_servers: int, resolvers: int, asked_resolvers: int) -> Text:
    """Say how many answered as wanted; the last two are 0 when no resolver was asked."""
    counts = {"servers": servers, "all": asked_servers, "resolvers": resolvers, "asked": asked_resolvers}
    if not asked_resolvers:
        return text(
            "{servers} of {all} name servers answer with the wanted record.", servers=servers, all=asked_servers
        )
    match kind:
        case RecordKind.MX:
            return text(
                "{servers} of {all} name servers and {resolvers} of {asked} resolvers answer with our mail servers.",
                **counts,
            )
        case RecordKind.SPF:
            return text(
                "{servers} of {all} name servers and {resolvers} of {asked} resolvers answer with an SPF record that"
                " covers us.",
                **counts,
            )
        case RecordKind.DKIM:
            return text(
                "{servers} of {all} name servers and {resolvers} of {asked} resolvers answer with this key.", **counts
            )
        case RecordKind.DMARC:
            return text(
                "{servers} of {all} name servers and {resolvers} of {asked} resolvers answer with a policy that is"
                " strict enough.",
                **counts,
            )
        case RecordKind.OWNERSHIP:
            return text(
                "{servers} of {all} name servers and {resolvers} of {asked} resolvers answer with this token.", **counts
            )


def right_by_alias(
    chain: Sequence[str], servers: int, asked_servers: int, resolvers: int, asked_resolvers: int
) -> Text:
    """Say that the record is right and was found by following a CNAME."""
    return text(
        "{servers} of {all} name servers and {resolvers} of {asked} resolvers answer with the wanted record, by way of"
        " the alias (CNAME) {chain}.",
        servers=servers,
        all=asked_servers,
        resolvers=resolvers,
        asked=asked_resolvers,
        chain=" → ".join(target.rstrip(".") for target in chain),
    )


def right_by_resolvers(resolvers: int, asked: int) -> Text:
    """Say that the resolvers alone find the record right."""
    return text("{resolvers} of {asked} resolvers answer with the wanted record.", resolvers=resolvers, asked=asked)


def zone_unlisted() -> Text:
    """Warn that there is no authoritative server to ask."""
    return text(
        "The DNS lists no name server for this zone, so that only resolvers could be asked (RFC 1034 section 4.2.2)."
        " Check the delegation at the registrar."
    )


def no_authoritative() -> Text:
    """Say that nothing is known as no authoritative server was found."""
    return text(
        "None of the domain's own name servers could be found, so nothing is known for certain. Check the network and"
        " the resolvers in the settings, then verify again."
    )


def unasked(state: AnswerState, servers: Sequence[str]) -> Text:
    """Say how servers failed to answer."""
    names = ", ".join(servers)
    match state:
        case AnswerState.TIMEOUT:
            return text("No answer in time from {servers}.", servers=names)
        case AnswerState.SERVFAIL:
            return text(
                "{servers} cannot answer at present (SERVFAIL, RFC 1035 section 4.1.1): the zone data or DNSSEC is"
                " broken.",
                servers=names,
            )
        case AnswerState.REFUSED if len(servers) > 1:
            return text(
                "{servers} refuse to answer (REFUSED, RFC 1035 section 4.1.1): they do not serve this zone, or not to"
                " us.",
                servers=names,
            )
        case AnswerState.REFUSED:
            return text(
                "{servers} refuses to answer (REFUSED, RFC 1035 section 4.1.1): it does not serve this zone, or not to"
                " us.",
                servers=names,
            )
        case AnswerState.LAME if len(servers) > 1:
            return text(
                "{servers} do not serve this zone (lame delegation, RFC 1912 section 2.8). Set it up there, or take"
                " these servers out of the zone's NS records.",
                servers=names,
            )
        case AnswerState.LAME:
            return text(
                "{servers} does not serve this zone (lame delegation, RFC 1912 section 2.8). Set it up there, or take"
                " this server out of the zone's NS records.",
                servers=names,
            )
        case AnswerState.TRUNCATED:
            return text(
                "What {servers} answered was cut off twice, the second time over TCP, where there is room for all of it"
                " (RFC 7766 section 5).",
                servers=names,
            )
        case AnswerState.UNREACHABLE:
            return text("{servers} cannot be reached over the network.", servers=names)
        case _:
            return text("{servers} answered with something that is no valid DNS message.", servers=names)


def nothing_known(state: AnswerState, servers: Sequence[str]) -> Text:
    """Say why the verdict is "could not ask", and what follows from it."""
    names = ", ".join(servers)
    match state:
        case AnswerState.TIMEOUT:
            return text(
                "Could not ask: no answer in time from {servers}. Nothing changes; verify again in a moment.",
                servers=names,
            )
        case AnswerState.SERVFAIL:
            return text(
                "Could not ask: {servers} cannot answer at present (SERVFAIL, RFC 1035 section 4.1.1). Nothing changes;"
                " if it stays so, check the zone and its DNSSEC signatures.",
                servers=names,
            )
        case AnswerState.REFUSED if len(servers) > 1:
            return text(
                "Could not ask: {servers} refuse to answer (REFUSED, RFC 1035 section 4.1.1). Nothing changes; check"
                " that the zone is set up there.",
                servers=names,
            )
        case AnswerState.REFUSED:
            return text(
                "Could not ask: {servers} refuses to answer (REFUSED, RFC 1035 section 4.1.1). Nothing changes; check"
                " that the zone is set up there.",
                servers=names,
            )
        case AnswerState.LAME if len(servers) > 1:
            return text(
                "Could not ask: {servers} do not serve this zone (lame delegation, RFC 1912 section 2.8). Nothing"
                " changes; set the zone up there, or correct the name servers at the registrar.",
                servers=names,
            )
        case AnswerState.LAME:
            return text(
                "Could not ask: {servers} does not serve this zone (lame delegation, RFC 1912 section 2.8). Nothing"
                " changes; set the zone up there, or correct the name servers at the registrar.",
                servers=names,
            )
        case AnswerState.TRUNCATED:
            return text(
                "Could not ask: what {servers} answered was cut off twice, the second time over TCP, where there is"
                " room for all of it (RFC 7766 section 5). Nothing changes; if it stays so, tell the DNS provider.",
                servers=names,
            )
        case AnswerState.UNREACHABLE:
            return text(
                "Could not ask: {servers} cannot be reached over the network. Nothing changes; verify again in a"
                " moment.",
                servers=names,
            )
        case _:
            return text(
                "Could not ask: {servers} answered with something that is no valid DNS message. Nothing changes;"
                " verify again in a moment.",
                servers=names,
            )


def servers_disagree(right: Sequence[Answer], wrong: Sequence[Answer]) -> Text:
    """Say which name servers answer as wanted and what the others answer."""
    return text(
        "The name servers of the zone do not agree: {right} answer as wanted, but {wrong}. Usually a change has not"
        " reached all of them yet (RFC 1034 section 4.3.5). Verify again in some minutes; if it stays so, tell the"
        " DNS provider.",
        right=", ".join(answer.server for answer in right),
        wrong="; ".join(f"{answer.server}: {short_answer(answer)}" for answer in wrong),
    )


def resolvers_disagree(right: Sequence[Answer], wrong: Sequence[Answer]) -> Text:
    """Say which resolvers answer as wanted and what the others answer (when only they could be asked)."""
    return text(
        "The resolvers do not agree: {right} answer as wanted, but {wrong}. Verify again in some minutes.",
        right=", ".join(answer.server for answer in right),
        wrong="; ".join(f"{answer.server}: {short_answer(answer)}" for answer in wrong),
    )


def short_answer(answer: Answer) -> str:
    """Show what a server answered in a few letters."""
    if answer.state is not AnswerState.FOUND or not answer.values:
        return {AnswerState.NO_NAME: "NXDOMAIN"}.get(answer.state, "NODATA")
    shown = ", ".join(_without_final_dot(value) for value in answer.values)
    return shown if len(shown) <= 80 else f"{shown[:79]}…"


def _without_final_dot(value: str) -> str:
    exchanger = _EXCHANGER.fullmatch(value)
    return exchanger[1] if exchanger else value


def spreading(stale: Sequence[Answer]) -> Text:
    """Say that the record is published and how long resolvers keep an older answer."""
    names = ", ".join(answer.server for answer in stale)
    minutes = _minutes(stale)
    if minutes is None:
        return text(
            "Published at the name servers, still spreading: {resolvers} keeps an older answer for now. Verify again"
            " later.",
            resolvers=names,
        )
    if minutes > _LONG_MINUTES:
        return text(
            "Published at the name servers, still spreading: {resolvers} keeps an older answer for up to {hours} hours"
            " (RFC 1035 section 3.2.1). Verify again after that.",
            resolvers=names,
            hours=-(-minutes // 60),
        )
    return text(
        "Published at the name servers, still spreading: {resolvers} keeps an older answer for up to {minutes} min (RFC"
        " 1035 section 3.2.1). Verify again after that.",
        resolvers=names,
        minutes=minutes,
    )


def stale_minority(stale: Sequence[Answer]) -> Text:
    """Warn that a minority of the resolvers still answers otherwise."""
    names = ", ".join(answer.server for answer in stale)
    minutes = _minutes(stale)
    if minutes is None:
        return text("{resolvers} still answers otherwise.", resolvers=names)
    return text("{resolvers} still answers otherwise, for up to {minutes} min.", resolvers=names, minutes=minutes)


def resolvers_silent(right: int, asked: int, silent: Sequence[str]) -> Text:
    """Say that the record is published but too few resolvers answered."""
    return text(
        "Published at the name servers, but only {right} of {asked} resolvers confirm it; no usable answer from"
        " {silent}. Verify again in a moment, or choose other resolvers in the settings.",
        right=right,
        asked=asked,
        silent=", ".join(silent),
    )


def still_cached(resolvers: Sequence[Answer]) -> Text:
    """Say that resolvers still answer right from their cache what the name servers no longer have."""
    return text(
        "{resolvers} still answer with the wanted record from their cache: it was changed or removed at the name"
        " servers.",
        resolvers=", ".join(answer.server for answer in resolvers),
    )


def resolvers_know(right: int, asked: int) -> Text:
    """Say what the resolvers answer while no name server does."""
    return text("{right} of {asked} resolvers answer with the wanted record.", right=right, asked=asked)


def other_wrong(answers: Sequence[Answer]) -> Text:
    """Warn that the name servers give different answers, all of them wrong."""
    return text(
        "The name servers do not agree with each other: {answers}.",
        answers="; ".join(f"{answer.server}: {short_answer(answer)}" for answer in answers),
    )


def _minutes(answers: Sequence[Answer]) -> int | None:
    times = [answer.ttl for answer in answers if answer.ttl is not None]
    return max(1, -(-max(times) // 60)) if times else None
