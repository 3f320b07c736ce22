"""Evaluate SPF by RFC 7208 without asking anybody: questions come out, answers go in, the result comes last."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Literal

from smtpy_desktop.core.spf_addresses import Address, any_in_network, dotted, first_address, in_network, sender_address
from smtpy_desktop.core.spf_macros import (
    MacroText,
    SpfSyntaxError,
    expand,
    expand_name,
    macro_letters,
    parse_macro_text,
)
from smtpy_desktop.core.spf_record import Mechanism, Modifier, SpfRecord, is_spf_record, parse_record, parse_term
from smtpy_desktop.schemas.dns import AnswerState, Question
from smtpy_desktop.schemas.text import Text, text

LOOKUP_LIMIT = 10
"""Terms of one evaluation that may cause DNS look-ups (section 4.6.4); also the names of one MX or PTR answer."""

VOID_LIMIT = 2
"""Of those, the ones that may find nothing."""

SpfCode = Literal["pass", "fail", "softfail", "neutral", "none", "temperror", "permerror"]

_RESULTS: dict[str, SpfCode] = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}
_LONGEST_NAME = 253
_LONGEST_LABEL = 63


@dataclass(frozen=True, slots=True)
class SpfAnswer:
    """What the DNS says to one question, CNAMEs followed.

    ``values`` are TXT values (strings joined, bytes beyond ASCII as any characters beyond ASCII), addresses, MX hosts
    in the order of preference, or PTR names. Empty unless ``state`` is FOUND.
    """

    state: AnswerState
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SpfResult:
    """The outcome of one evaluation; ``explanation`` is the domain's own text for a fail, if it has one.

    ``lookups`` and ``void_lookups`` are the counts of section 4.6.4; ``problem`` explains none and both errors.
    """

    result: SpfCode
    explanation: str | None = None
    lookups: int = 0
    void_lookups: int = 0
    problem: Text | None = None


def check_host(
    ip: str | Address,
    domain: str,
    sender: str,
    helo: str,
    *,
    record: str | None = None,
    receiver: str = "unknown",
    timestamp: int = 0,
) -> Generator[Question, SpfAnswer, SpfResult]:
    """Evaluate SPF as RFC 7208 section 4 says: yield each question, be sent its answer, return the result.

    ``record`` is judged instead of the one that ``domain`` publishes, and its question is not asked. ``receiver`` and
    ``timestamp`` (seconds since 1970) only appear in explanations. Raises ValueError when ``ip`` is no address.
    """
    evaluation = _Evaluation(sender_address(ip), sender, helo, receiver, timestamp)
    domain = domain.removesuffix(".").lower()
    explanation: str | None = None
    problem: Text | None = None
    try:
        code, final = yield from evaluation.evaluate_domain(domain, record)
        if code == "fail":
            explanation = yield from evaluation.explain(final)
    except _Halt as halt:
        code, problem = halt.code, halt.problem
    return SpfResult(code, explanation, evaluation.lookups, evaluation.void_lookups, problem)


def spf_sending_addresses(mechanisms: str) -> tuple[str, ...]:
    """Return the addresses written in the ip4 and ip6 mechanisms: of a network, its first usable one.

    Terms that let no mail pass, are of another kind, or are malformed give none.
    """
    addresses: dict[str, None] = {}
    for word in mechanisms.split():
        try:
            term = parse_term(word)
        except SpfSyntaxError:
            continue
        if isinstance(term, Mechanism) and term.version and term.qualifier == "+":
            addresses[first_address(term)] = None
    return tuple(addresses)


class _Halt(Exception):
    """The evaluation ends here, whatever the depth."""

    def __init__(self, code: SpfCode, problem: Text) -> None:
        self.code = code
        self.problem = problem
        super().__init__(str(problem))


@dataclass(frozen=True, slots=True)
class _Scope:
    """The record that decides, and the domain it stands at."""

    domain: str
    record: SpfRecord


class _Evaluation:
    """One run of check_host(): what is fixed for all its recursions, and the counts they share."""

    def __init__(self, ip: Address, sender: str, helo: str, receiver: str, timestamp: int) -> None:
        self.lookups = 0
        self.void_lookups = 0
        self._ip = ip
        self._address_type = "A" if ip.version == 4 else "AAAA"
        local, _, sender_domain = sender.rpartition("@")
        sender_domain = sender_domain or helo
        local = local or "postmaster"
        self._values = {
            "s": f"{local}@{sender_domain}",
            "l": local,
            "o": sender_domain,
            "i": dotted(ip),
            "v": "in-addr" if ip.version == 4 else "ip6",
            "h": helo,
            "c": str(ip),
            "r": receiver,
            "t": str(timestamp),
        }
        self._pointers: tuple[str, ...] | None = None

    def evaluate_domain(self, domain: str, given: str | None) -> Generator[Question, SpfAnswer, tuple[SpfCode, _Scope]]:
        """Find the record of a domain and evaluate it (sections 4.3 to 4.7)."""
        value = yield from self._find_record(domain, given)
        try:
            scope = _Scope(domain, parse_record(value))
        except SpfSyntaxError as error:
            raise _Halt(
                "permerror",
                text("The SPF record of {domain} is malformed: {problem}", domain=domain, problem=error.problem),
            ) from error
        for mechanism in scope.record.mechanisms:
            if (yield from self._matches(mechanism, scope)):
                return _RESULTS[mechanism.qualifier], scope
        if scope.record.redirect is not None:
            return (yield from self._redirect(scope.record.redirect, scope))
        return "neutral", scope

    def explain(self, scope: _Scope) -> Generator[Question, SpfAnswer, str | None]:
        """Fetch the explanation for a fail; any trouble with it means there is none (section 6.2)."""
        if scope.record.explanation is None:
            return None
        name = yield from self._target(scope.record.explanation.value, scope)
        if not _can_be_asked(name):
            return None
        answer = yield Question(name, "TXT")
        if answer.state is not AnswerState.FOUND or len(answer.values) != 1:
            return None
        try:
            parts = parse_macro_text(answer.values[0])
        except SpfSyntaxError:
            return None
        return expand(parts, (yield from self._macro_values(parts, scope)))

    def _find_record(self, domain: str, given: str | None) -> Generator[Question, SpfAnswer, str]:
        if not _is_domain(domain):
            raise _Halt("none", text("“{domain}” is no domain name that can have an SPF record.", domain=domain))
        if given is not None:
            values: tuple[str, ...] = (given,)
        else:
            values = _definite((yield Question(domain, "TXT")), domain, "TXT")
        records = [value for value in values if is_spf_record(value)]
        if not records:
            raise _Halt("none", text("{domain} has no SPF record.", domain=domain))
        if len(records) > 1:
            raise _Halt(
                "permerror",
                text(
                    "{domain} has {count} SPF records; exactly one is allowed (RFC 7208 section 4.5).",
                    domain=domain,
                    count=len(records),
                ),
            )
        return records[0]

    def _matches(self, mechanism: Mechanism, scope: _Scope) -> Generator[Question, SpfAnswer, bool]:
        name = mechanism.name
        if name == "all":
            return True
        if mechanism.version:
            return mechanism.version == self._ip.version and in_network(
                int(self._ip), mechanism.network, mechanism.version, mechanism.prefix
            )
        self._count_lookup(mechanism, scope)
        target = yield from self._target(mechanism.target, scope)
        if name == "include":
            return (yield from self._include(mechanism, target, scope))
        if not _can_be_asked(target):
            return False  # a name that cannot exist (section 4.8 leaves the choice)
        if name == "mx":
            return (yield from self._match_mx(mechanism, target))
        if name == "ptr":
            return (yield from self._match_ptr(target))
        kind = self._address_type if name == "a" else "A"
        values = _definite((yield Question(target, kind)), target, kind)
        self._count_void(values, target)
        return bool(values) if name == "exists" else any_in_network(self._ip, values, mechanism)

    def _include(self, mechanism: Mechanism, target: str, scope: _Scope) -> Generator[Question, SpfAnswer, bool]:
        try:
            code, _ = yield from self.evaluate_domain(target, None)
        except _Halt as halt:
            if halt.code != "none":
                raise
            raise _Halt("permerror", _leads_nowhere(mechanism, scope, halt)) from halt
        return code == "pass"

    def _redirect(self, redirect: Modifier, scope: _Scope) -> Generator[Question, SpfAnswer, tuple[SpfCode, _Scope]]:
        self._count_lookup(redirect, scope)
        target = yield from self._target(redirect.value, scope)
        try:
            return (yield from self.evaluate_domain(target, None))
        except _Halt as halt:
            if halt.code != "none":
                raise
            raise _Halt("permerror", _leads_nowhere(redirect, scope, halt)) from halt

    def _match_mx(self, mechanism: Mechanism, target: str) -> Generator[Question, SpfAnswer, bool]:
        hosts = _definite((yield Question(target, "MX")), target, "MX")
        self._count_void(hosts, target)
        if len(hosts) > LOOKUP_LIMIT:
            raise _Halt(
                "permerror",
                text("{domain} has more than 10 mail servers (RFC 7208 section 4.6.4).", domain=target),
            )
        for host in hosts:
            name = host.removesuffix(".").lower()
            if not _can_be_asked(name):
                continue  # the null MX of RFC 7505, for one
            addresses = _definite((yield Question(name, self._address_type)), name, self._address_type)
            if any_in_network(self._ip, addresses, mechanism):
                return True
        return False

    def _match_ptr(self, target: str) -> Generator[Question, SpfAnswer, bool]:
        names = yield from self._pointer_names()
        self._count_void(names, target)
        for name in names:
            if _is_within(name, target) and (yield from self._is_validated(name)):
                return True
        return False

    def _pointer_names(self) -> Generator[Question, SpfAnswer, tuple[str, ...]]:
        """The first ten names that the address points to; an error counts as none (section 5.5)."""
        if self._pointers is None:
            answer = yield Question(self._ip.reverse_pointer, "PTR")
            names = [name.removesuffix(".").lower() for name in answer.values[:LOOKUP_LIMIT]]
            self._pointers = tuple(filter(_can_be_asked, names))
        return self._pointers

    def _is_validated(self, name: str) -> Generator[Question, SpfAnswer, bool]:
        """Whether a name that the address points to points back to it; an error counts as no (section 5.5)."""
        answer = yield Question(name, self._address_type)
        return any_in_network(self._ip, answer.values, _EXACT)

    def _target(self, parts: MacroText, scope: _Scope) -> Generator[Question, SpfAnswer, str]:
        """The name that a domain-spec stands for; the current domain where there is none."""
        if not parts:
            return scope.domain
        return expand_name(parts, (yield from self._macro_values(parts, scope)))

    def _macro_values(self, parts: MacroText, scope: _Scope) -> Generator[Question, SpfAnswer, dict[str, str]]:
        self._values["d"] = scope.domain
        if "p" in macro_letters(parts):
            self._values["p"] = yield from self._validated_name(scope.domain)
        return self._values

    def _validated_name(self, domain: str) -> Generator[Question, SpfAnswer, str]:
        """The macro ``p`` of section 7.3: rather the domain itself, then a name within it, then any."""
        names = yield from self._pointer_names()
        for name in sorted(names, key=lambda name: (name != domain, not _is_within(name, domain))):
            if (yield from self._is_validated(name)):
                return name
        return "unknown"

    def _count_lookup(self, term: Mechanism | Modifier, scope: _Scope) -> None:
        self.lookups += 1
        if self.lookups > LOOKUP_LIMIT:
            raise _Halt(
                "permerror",
                text(
                    "“{term}” in the record of {domain} would be DNS look-up number 11; 10 are allowed "
                    "(RFC 7208 section 4.6.4).",
                    term=term.text,
                    domain=scope.domain,
                ),
            )

    def _count_void(self, values: tuple[str, ...], target: str) -> None:
        if values:
            return
        self.void_lookups += 1
        if self.void_lookups > VOID_LIMIT:
            raise _Halt(
                "permerror",
                text(
                    "{name} is the third name in the record for which there is nothing in the DNS; 2 are allowed "
                    "(RFC 7208 section 4.6.4).",
                    name=target,
                ),
            )


_EXACT = Mechanism("", "+", "a")
"""Stands for no prefix length at all: only the very same address matches."""


def _definite(answer: SpfAnswer, name: str, kind: str) -> tuple[str, ...]:
    if not answer.state.is_definite:
        raise _Halt(
            "temperror",
            text(
                "The question for {kind} of {name} got no answer ({state}).",
                kind=kind,
                name=name,
                state=answer.state.value,
            ),
        )
    return answer.values


def _leads_nowhere(term: Mechanism | Modifier, scope: _Scope, halt: _Halt) -> Text:
    return text(
        "“{term}” in the record of {domain} leads nowhere: {problem}",
        term=term.text,
        domain=scope.domain,
        problem=halt.problem,
    )


def _is_within(name: str, domain: str) -> bool:
    return name == domain or name.endswith(f".{domain}")


def _is_domain(name: str) -> bool:
    """Whether check_host() accepts the name: at least two labels, no address literal (section 4.3)."""
    return "." in name and not name.startswith("[") and _can_be_asked(name)


def _can_be_asked(name: str) -> bool:
    """Whether the name can stand in a DNS question (RFC 1035 section 2.3.4)."""
    if len(name) > _LONGEST_NAME or not name.isascii() or not name.isprintable() or "\\" in name:
        return False
    return all(0 < len(label) <= _LONGEST_LABEL for label in name.split("."))
