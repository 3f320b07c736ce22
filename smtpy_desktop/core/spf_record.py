"""Parse an SPF record into its terms by the grammar of RFC 7208 section 12."""

from __future__ import annotations

import functools
import ipaddress
import re
from dataclasses import dataclass

from smtpy_desktop.core.spf_macros import MacroText, SpfSyntaxError, parse_domain_spec, parse_macro_text
from smtpy_desktop.schemas.text import text

VERSION = "v=spf1"

_MODIFIER = re.compile(r"([a-z][a-z0-9_.-]*)=(.*)", re.IGNORECASE | re.DOTALL)
_DIRECTIVE = re.compile(r"([+\-?~]?)([a-z][a-z0-9_.-]*)([:/].*)?", re.IGNORECASE | re.DOTALL)
# Both also match nothing at the very end, so that splitting at them always gives every part.
_DUAL_CIDR = re.compile(r"(?:/(0|[1-9][0-9]?))?(?://(0|[1-9][0-9]{0,2}))?\Z")
_CIDR = re.compile(r"(?:/(0|[1-9][0-9]{0,2}))?\Z")
_IP4 = re.compile(r"(?:(?:0|[1-9][0-9]{0,2})(?:\.(?!\Z)|\Z)){4}")
_ADDRESS_BITS = {4: 32, 6: 128}
_WITH_LOOKUP = frozenset({"include", "a", "mx", "ptr", "exists"})


@dataclass(frozen=True, slots=True)
class Mechanism:
    """One directive of a record: ``text`` as written, ``qualifier`` one of ``+ - ~ ?``, ``name`` in lower case.

    ``target`` is the domain-spec (empty: the current domain). ``network`` is the address of ip4 and ip6 as a number
    with its IP ``version``; ``prefix4`` and ``prefix6`` are prefix lengths in bits.
    """

    text: str
    qualifier: str
    name: str
    target: MacroText = ()
    target_text: str = ""
    version: int = 0
    network: int = 0
    prefix4: int = 32
    prefix6: int = 128

    @property
    def needs_lookup(self) -> bool:
        """Whether it counts towards the ten look-ups of section 4.6.4."""
        return self.name in _WITH_LOOKUP

    @property
    def prefix(self) -> int:
        """The prefix length that goes with the address of ip4 or ip6."""
        return self.prefix4 if self.version == 4 else self.prefix6

    @property
    def matches_everything(self) -> bool:
        """Whether it is ``all`` or covers the whole address space of one IP version."""
        return self.name == "all" or (self.version != 0 and self.prefix == 0)

    @property
    def identity(self) -> tuple[object, ...]:
        """What two mechanisms have in common that match the same senders, whatever their qualifier and spelling."""
        if self.version:
            shift = _ADDRESS_BITS[self.version] - self.prefix
            return (self.name, self.network >> shift << shift, self.prefix)
        target = self.target_text if "%" in self.target_text else self.target_text.lower().removesuffix(".")
        return (self.name, target, self.prefix4, self.prefix6)


@dataclass(frozen=True, slots=True)
class Modifier:
    """One ``name=value`` of a record: ``name`` in lower case, ``value`` parsed for macros."""

    text: str
    name: str
    value: MacroText


Term = Mechanism | Modifier


@dataclass(frozen=True, slots=True)
class SpfRecord:
    """A record that follows the grammar: its mechanisms in order, and the two modifiers that mean something."""

    text: str
    mechanisms: tuple[Mechanism, ...]
    redirect: Modifier | None = None
    explanation: Modifier | None = None


def is_spf_record(value: str) -> bool:
    """Return whether a TXT value is an SPF record (section 4.5: the version, then a blank or the end)."""
    return value[: len(VERSION)].lower() == VERSION and value[len(VERSION) : len(VERSION) + 1] in ("", " ")


@functools.lru_cache(maxsize=4096)
def parse_record(value: str) -> SpfRecord:
    """Return the record; raise SpfSyntaxError when any term is wrong (which makes the result permerror)."""
    if not is_spf_record(value):
        raise SpfSyntaxError(text("The record does not begin with “v=spf1”."))
    terms = [parse_term(term) for term in value[len(VERSION) :].split(" ") if term]
    return SpfRecord(
        value,
        tuple(term for term in terms if isinstance(term, Mechanism)),
        _only(terms, "redirect"),
        _only(terms, "exp"),
    )


def parse_term(value: str) -> Term:
    """Return one term of a record; raise SpfSyntaxError."""
    modifier = _MODIFIER.fullmatch(value)
    if modifier:
        return _modifier(value, modifier[1].lower(), modifier[2])
    directive = _DIRECTIVE.fullmatch(value)
    if directive is None:
        raise SpfSyntaxError(text("“{term}” is no term of an SPF record.", term=value))
    qualifier, name, rest = directive[1] or "+", directive[2].lower(), directive[3] or ""
    if name == "all" and not rest:
        return Mechanism(value, qualifier, name)
    if name in ("ip4", "ip6"):
        return _address_mechanism(value, qualifier, name, rest)
    if name in ("a", "mx"):
        return _host_mechanism(value, qualifier, name, rest)
    if name in ("include", "exists") or (name == "ptr" and rest):
        return Mechanism(value, qualifier, name, parse_domain_spec(_after_colon(value, rest)), rest[1:])
    if name == "ptr":
        return Mechanism(value, qualifier, name)
    raise SpfSyntaxError(text("“{term}” is no mechanism that SPF knows.", term=value))


def _modifier(value: str, name: str, argument: str) -> Modifier:
    if name in ("redirect", "exp"):
        return Modifier(value, name, parse_domain_spec(argument))
    return Modifier(value, name, parse_macro_text(argument))


def _host_mechanism(value: str, qualifier: str, name: str, rest: str) -> Mechanism:
    domain, bits4, bits6, _ = _DUAL_CIDR.split(rest, maxsplit=1)
    prefix4, prefix6 = int(bits4 or 32), int(bits6 or 128)
    if prefix4 > 32 or prefix6 > 128:
        raise SpfSyntaxError(text("The prefix length in “{term}” is too large.", term=value))
    if not domain:
        return Mechanism(value, qualifier, name, prefix4=prefix4, prefix6=prefix6)
    target = _after_colon(value, domain)
    return Mechanism(value, qualifier, name, parse_domain_spec(target), target, prefix4=prefix4, prefix6=prefix6)


def _address_mechanism(value: str, qualifier: str, name: str, rest: str) -> Mechanism:
    address, bits, _ = _CIDR.split(_after_colon(value, rest), maxsplit=1)
    version = 4 if name == "ip4" else 6
    try:
        number = _address_number(address, version)
    except ValueError:
        raise SpfSyntaxError(
            text("“{address}” in “{term}” is no IPv{version} address.", address=address, term=value, version=version)
        ) from None
    prefix = int(bits or _ADDRESS_BITS[version])
    if prefix > _ADDRESS_BITS[version]:
        raise SpfSyntaxError(text("The prefix length in “{term}” is too large.", term=value))
    if version == 4:
        return Mechanism(value, qualifier, name, version=4, network=number, prefix4=prefix)
    return Mechanism(value, qualifier, name, version=6, network=number, prefix6=prefix)


def _address_number(address: str, version: int) -> int:
    if version == 4:
        if not _IP4.fullmatch(address):
            raise ValueError(address)
        return int(ipaddress.IPv4Address(address))
    if "%" in address:
        raise ValueError(address)
    return int(ipaddress.IPv6Address(address))


def _after_colon(value: str, rest: str) -> str:
    if not rest.startswith(":"):
        raise SpfSyntaxError(text("“{term}” needs “:” and a value.", term=value))
    return rest[1:]


def _only(terms: list[Term], name: str) -> Modifier | None:
    found = [term for term in terms if isinstance(term, Modifier) and term.name == name]
    if len(found) > 1:
        raise SpfSyntaxError(text("“{name}=” appears twice.", name=name))
    return found[0] if found else None
