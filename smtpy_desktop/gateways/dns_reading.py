"""What a response says about the question: an answer, a further name to ask for, a referral, or nothing of use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from smtpy_desktop.gateways.dns_wire import FORMERR, NOERROR, NOTAUTH, NOTIMP, NXDOMAIN, REFUSED, TYPES, Response
from smtpy_desktop.schemas.dns import AnswerState, Question

LONGEST_CHAIN = 8
"""CNAME records followed before giving up."""

_STATES = {
    NXDOMAIN: AnswerState.NO_NAME,
    REFUSED: AnswerState.REFUSED,
    NOTIMP: AnswerState.REFUSED,
    NOTAUTH: AnswerState.REFUSED,
    FORMERR: AnswerState.MALFORMED,
}


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer so far; ``target`` is the name at the end of the CNAME chain when it has still to be asked for."""

    state: AnswerState
    values: tuple[str, ...] = ()
    ttl: int | None = None
    chain: tuple[str, ...] = ()
    target: str | None = None

    def after(self, earlier: Reading) -> Reading:
        """This reading as the continuation of a chain that led to it."""
        chain = earlier.chain + self.chain
        seen = [ttl for ttl in (earlier.ttl, self.ttl) if ttl is not None]
        joined = replace(self, chain=chain, ttl=min(seen, default=None))
        if self.target is not None and self.target in chain[:-1]:
            return replace(joined, state=AnswerState.EMPTY, values=(), target=None)
        if len(chain) > LONGEST_CHAIN:
            return replace(joined, state=AnswerState.SERVFAIL, values=(), target=None)
        return joined


@dataclass(frozen=True, slots=True)
class Referral:
    """A server's word that the names from ``cut`` down are held by others; ``glue`` has addresses by host."""

    cut: str
    hosts: tuple[str, ...]
    glue: dict[str, tuple[str, ...]]


def is_within(name: str, apex: str) -> bool:
    """Tell whether a name is the apex or below it (the root, an empty apex, holds every name)."""
    return name == apex or not apex or name.endswith(f".{apex}")


def read_recursive(response: Response, question: Question) -> Reading:
    """Read what a resolver says."""
    is_referral = not (response.authoritative or response.answers or response.soa) and response.authority
    if response.rcode == NOERROR and is_referral:
        return Reading(AnswerState.REFUSED)  # it does not resolve for us
    return _read(response, question, "")


def read_authoritative(response: Response, question: Question, apex: str) -> Reading | Referral:
    """Read what a name server of the zone ``apex`` says; one that does not hold the zone is lame."""
    referral = _referral(response, question.name, apex)
    if referral is not None:
        return referral
    if not response.authoritative and response.rcode in (NOERROR, NXDOMAIN):
        # It recurses for us, or points elsewhere. A server that merely forgets the AA bit is believed.
        says_something = response.answers or response.soa or response.rcode == NXDOMAIN
        if response.recursion_available or not says_something:
            return Reading(AnswerState.LAME)
    return _read(response, question, apex)


def glue_of(response: Response, hosts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the addresses that the response gives along for these hosts, IPv4 first."""
    addresses = (TYPES["A"], TYPES["AAAA"])
    return {
        host: tuple(
            record.value
            for type_ in addresses
            for record in response.additional
            if record.type == type_ and record.name == host
        )
        for host in hosts
    }


def _read(response: Response, question: Question, apex: str) -> Reading:
    if response.rcode not in (NOERROR, NXDOMAIN):
        return Reading(_STATES.get(response.rcode, AnswerState.SERVFAIL))
    wanted = TYPES[question.type]
    name = question.name
    chain: list[str] = []
    ttls: list[int] = []
    while is_within(name, apex):
        found = [record for record in response.answers if record.type == wanted and record.name == name]
        if found:
            ttl = min([*ttls, *(record.ttl for record in found)])
            return Reading(AnswerState.FOUND, tuple(record.value for record in found), ttl, tuple(chain))
        alias = next((r for r in response.answers if r.type == TYPES["CNAME"] and r.name == name), None)
        if alias is None:
            return _read_negative(response, chain, ttls)
        name = alias.value.removesuffix(".")
        is_loop = name == question.name or name in chain
        chain.append(name)
        ttls.append(alias.ttl)
        if is_loop:  # certain: no such record can ever be reached
            return Reading(AnswerState.EMPTY, (), min(ttls), tuple(chain))
        if len(chain) > LONGEST_CHAIN:
            return Reading(AnswerState.SERVFAIL, (), min(ttls), tuple(chain))
    # Beyond its own zone a server's word counts for nothing.
    return Reading(AnswerState.EMPTY, (), min(ttls, default=None), tuple(chain), target=name)


def _read_negative(response: Response, chain: list[str], ttls: list[int]) -> Reading:
    is_unfinished = bool(chain) and response.rcode == NOERROR and response.soa is None
    if response.negative_ttl is not None:
        ttls = [*ttls, response.negative_ttl]
    state = AnswerState.NO_NAME if response.rcode == NXDOMAIN else AnswerState.EMPTY
    target = chain[-1] if is_unfinished else None
    return Reading(state, (), min(ttls, default=None), tuple(chain), target)


def _referral(response: Response, name: str, apex: str) -> Referral | None:
    if response.rcode != NOERROR or response.answers or response.soa:
        return None
    cuts = {
        record.name
        for record in response.authority
        if record.type == TYPES["NS"] and record.name != apex and is_within(record.name, apex)
    }
    cut = max((cut for cut in cuts if is_within(name, cut)), key=len, default=None)
    if cut is None:
        return None
    servers = {r.value.removesuffix(".") for r in response.authority if r.type == TYPES["NS"] and r.name == cut}
    hosts = tuple(sorted(servers))
    return Referral(cut, hosts, glue_of(response, [host for host in hosts if is_within(host, apex)]))
