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
from smtpy_desktop.core.spf_names import can_be_asked, is_domain, is_within
from smtpy_desktop.core.spf_record import Mechanism, Modifier, SpfRecord, is_spf_record, parse_record, parse_term
from smtpy_desktop.core.spf_texts import (
    include_leads_nowhere,
    includes_itself,
    leads_back,
    malformed,
    malformed_elsewhere,
    redirect_leads_nowhere,
)
from smtpy_desktop.schemas.dns import AnswerState, Question
from smtpy_desktop.schemas.text import Text, text

LOOKUP_LIMIT = 10
"""Terms of one evaluation that may cause DNS look-ups (section 4.6.4); also the names of one MX or PTR answer."""

VOID_LIMIT = 2
"""Of those, the ones that may find nothing."""

SpfCode = Literal["pass", "fail", "softfail", "neutral", "none", "temperror", "permerror"]

_RESULTS: dict[str, SpfCode] = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}


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
    ``offending`` are the terms of the domain's own record that lead to a permerror, as written: without them there is
    none (or another). Empty where the grammar is broken, or where only all look-ups together are too many.
    """

    result: SpfCode
    explanation: str | None = None
    lookups: int = 0
    void_lookups: int = 0
    problem: Text | None = None
    offending: tuple[str, ...] = ()


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
    offending: tuple[str, ...] = ()
    try:
        code, final = yield from evaluation.evaluate_domain(domain, record)
        if code == "fail":
            explanation = yield from evaluation.explain(final)
    except _Halt as halt:
        code, problem = halt.code, halt.problem
        offending = evaluation.offending(halt)
    return SpfResult(code, explanation, evaluation.lookups, evaluation.void_lookups, problem, offending)


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
    """The evaluation ends here, whatever the depth; ``terms`` is None where the outermost term is to blame."""

    def __init__(self, code: SpfCode, problem: Text, terms: tuple[str, ...] | None = None) -> None:
        self.code = code
        self.problem = problem
        self.terms = terms
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
        self._path: list[str] = []  # the domains whose records are being evaluated, outermost first
        self._term: Mechanism | Modifier | None = None  # of the outermost record
        self._missing: list[str] = []  # terms of the outermost record whose name certainly does not exist

    def offending(self, halt: _Halt) -> tuple[str, ...]:
        """Return the terms of the outermost record that made the evaluation end in a permerror."""
        if halt.code != "permerror":
            return ()
        if halt.terms is not None:
            return halt.terms
        return (self._term.text,) if self._term is not None else ()

    def evaluate_domain(self, domain: str, given: str | None) -> Generator[Question, SpfAnswer, tuple[SpfCode, _Scope]]:
        """Find the record of a domain and evaluate it (sections 4.3 to 4.7)."""
        value = yield from self._find_record(domain, given)
        self._path.append(domain.lower())
        try:
            scope = _Scope(domain, parse_record(value))
        except SpfSyntaxError as error:
            raise self._malformed(domain, error) from error
        result = yield from self._evaluate(scope)
        self._path.pop()
        return result

    def _evaluate(self, scope: _Scope) -> Generator[Question, SpfAnswer, tuple[SpfCode, _Scope]]:
        for mechanism in scope.record.mechanisms:
            self._note_term(mechanism)
            if (yield from self._matches(mechanism, scope)):
                return _RESULTS[mechanism.qualifier], scope
        if scope.record.redirect is not None:
            self._note_term(scope.record.redirect)
            return (yield from self._redirect(scope.record.redirect, scope))
        return "neutral", scope

    def _note_term(self, term: Mechanism | Modifier) -> None:
        if len(self._path) == 1:
            self._term = term

    def _malformed(self, domain: str, error: SpfSyntaxError) -> _Halt:
        if len(self._path) == 1:
            return _Halt("permerror", malformed(domain, error), ())
        return _Halt("permerror", malformed_elsewhere(domain, error))

    def explain(self, scope: _Scope) -> Generator[Question, SpfAnswer, str | None]:
        """Fetch the explanation for a fail; any trouble with it means there is none (section 6.2)."""
        if scope.record.explanation is None:
            return None
        name = yield from self._target(scope.record.explanation.value, scope)
        if not can_be_asked(name):
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
        if not is_domain(domain):
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
        if not can_be_asked(target):
            return False  # a name that cannot exist (section 4.8 leaves the choice)
        if name == "mx":
            return (yield from self._match_mx(mechanism, target))
        if name == "ptr":
            return (yield from self._match_ptr(target))
        kind = self._address_type if name == "a" else "A"
        answer = yield Question(target, kind)
        values = _definite(answer, target, kind)
        self._count_void(answer, target)
        return bool(values) if name == "exists" else any_in_network(self._ip, values, mechanism)

    def _include(self, mechanism: Mechanism, target: str, scope: _Scope) -> Generator[Question, SpfAnswer, bool]:
        self._refuse_circle(mechanism, target, scope)
        try:
            code, _ = yield from self.evaluate_domain(target, None)
        except _Halt as halt:
            if halt.code != "none":
                raise
            raise _Halt("permerror", include_leads_nowhere(mechanism.text, scope.domain, halt.problem)) from halt
        return code == "pass"

    def _redirect(self, redirect: Modifier, scope: _Scope) -> Generator[Question, SpfAnswer, tuple[SpfCode, _Scope]]:
        self._count_lookup(redirect, scope)
        target = yield from self._target(redirect.value, scope)
        self._refuse_circle(redirect, target, scope)
        try:
            return (yield from self.evaluate_domain(target, None))
        except _Halt as halt:
            if halt.code != "none":
                raise
            raise _Halt("permerror", redirect_leads_nowhere(redirect.text, scope.domain, halt.problem)) from halt

    def _refuse_circle(self, term: Mechanism | Modifier, target: str, scope: _Scope) -> None:
        """End at once what would only end at the limit of look-ups: a record that leads back to itself."""
        target = target.lower().removesuffix(".")
        if target == scope.domain.lower():
            raise _Halt("permerror", includes_itself(term.text, scope.domain))
        if target in self._path:
            raise _Halt("permerror", leads_back(term.text, scope.domain, target))

    def _match_mx(self, mechanism: Mechanism, target: str) -> Generator[Question, SpfAnswer, bool]:
        answer = yield Question(target, "MX")
        hosts = _definite(answer, target, "MX")
        self._count_void(answer, target)
        if len(hosts) > LOOKUP_LIMIT:
            raise _Halt(
                "permerror",
                text("{domain} has more than 10 mail servers (RFC 7208 section 4.6.4).", domain=target),
            )
        for host in hosts:
            name = host.removesuffix(".").lower()
            if not can_be_asked(name):
                continue  # the null MX of RFC 7505, for one
            addresses = _definite((yield Question(name, self._address_type)), name, self._address_type)
            if any_in_network(self._ip, addresses, mechanism):
                return True
        return False

    def _match_ptr(self, target: str) -> Generator[Question, SpfAnswer, bool]:
        names = yield from self._pointer_names()
        self._count_void(SpfAnswer(AnswerState.FOUND if names else AnswerState.EMPTY, names), target)
        for name in names:
            if is_within(name, target) and (yield from self._is_validated(name)):
                return True
        return False

    def _pointer_names(self) -> Generator[Question, SpfAnswer, tuple[str, ...]]:
        """The first ten names that the address points to; an error counts as none (section 5.5)."""
        if self._pointers is None:
            answer = yield Question(self._ip.reverse_pointer, "PTR")
            names = [name.removesuffix(".").lower() for name in answer.values[:LOOKUP_LIMIT]]
            self._pointers = tuple(filter(can_be_asked, names))
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
        for name in sorted(names, key=lambda name: (name != domain, not is_within(name, domain))):
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
                (),
            )

    def _count_void(self, answer: SpfAnswer, target: str) -> None:
        if answer.values:
            return
        self.void_lookups += 1
        is_certain = answer.state is AnswerState.NO_NAME and len(self._path) == 1
        if is_certain and self._term is not None and "%" not in self._term.text:  # another sender: another name
            self._missing.append(self._term.text)
        if self.void_lookups > VOID_LIMIT:
            raise _Halt(
                "permerror",
                text(
                    "{name} is the third name in the record for which there is nothing in the DNS; 2 are allowed "
                    "(RFC 7208 section 4.6.4).",
                    name=target,
                ),
                tuple(self._missing) or None,
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
