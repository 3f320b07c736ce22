"""Read the name of a domain to be looked after, or say what was typed instead and what was probably meant."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from publicsuffixlist import PublicSuffixList

from smtpy_desktop.core.dns_name import LONGEST_NAME, NameFault, NormalName, normalize_name, strip_blanks, unicode_form
from smtpy_desktop.core.pasted_name import refuse_other_kinds
from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.text import Text, text

__all__ = ["RECORD_ROOM", "ParsedDomain", "parse_domain_name", "unicode_form"]

RECORD_ROOM = 40
"""Characters kept free for the records beneath a name: ``_smtpy-challenge.``, or a selector and ``_domainkey.``."""

_NEVER_PUBLIC = frozenset({"localhost", "local", "invalid", "onion", "alt", "internal", "arpa"})
"""Top-level labels without public DNS zones (RFC 6761, 6762, 7686, 9476); ``example`` and ``test`` serve for trials."""


@dataclass(frozen=True, slots=True)
class ParsedDomain:
    """A domain's name: ``name`` in lower-case A-labels without trailing dot; ``notices`` tell what was changed."""

    name: str
    unicode_name: str
    notices: tuple[Text, ...] = ()


def parse_domain_name(raw: str) -> ParsedDomain:
    """Return the domain that was typed; raise FieldError for ``name`` with a code ``DOMAIN_NAME_…`` otherwise."""
    try:
        normal = _parse(raw)
    except NameFault as fault:
        raise FieldError(
            "name",
            f"DOMAIN_NAME_{fault.kind}",
            fault.message,
            hint=fault.hint,
            suggestion=_usable(fault.candidate),
        ) from None
    return ParsedDomain(normal.name, normal.unicode_name, normal.notices)


def _parse(raw: str) -> NormalName:
    refuse_other_kinds(strip_blanks(raw))
    normal = normalize_name(raw)
    _refuse_special_use(normal)
    _refuse_single_label(normal)
    _refuse_numeric_end(normal)
    _refuse_no_room(normal)
    _refuse_public_suffix(normal)
    return normal


def _usable(candidate: str | None) -> str | None:
    if candidate is None:
        return None
    try:
        normal = _parse(candidate)
    except NameFault:
        return None
    if normal.name.startswith("www."):
        return unicode_form(_public_suffixes().privatesuffix(normal.name) or normal.name)
    return normal.unicode_name


def _refuse_special_use(normal: NormalName) -> None:
    top = normal.labels[-1]
    if top in _NEVER_PUBLIC:
        raise NameFault(
            "SPECIAL_USE",
            text("Names that end in “{top}” do not exist in the public DNS, so they can never be verified.", top=top),
            text("Use a domain that is registered with a registrar (RFC 6761)."),
        )


def _refuse_single_label(normal: NormalName) -> None:
    if len(normal.labels) == 1:
        raise NameFault(
            "SINGLE_LABEL",
            text("“{name}” is only one part of a domain name.", name=normal.unicode_name),
            text("Type the whole name, with its ending, such as example.com."),
        )


def _refuse_numeric_end(normal: NormalName) -> None:
    if normal.labels[-1].isdigit():
        raise NameFault(
            "NUMERIC_END",
            text("A domain name cannot end in a number, as “{name}” does.", name=normal.unicode_name),
            text("Check the part after the last dot (RFC 3696 section 2)."),
        )


def _refuse_no_room(normal: NormalName) -> None:
    if len(normal.name) > LONGEST_NAME - RECORD_ROOM:
        raise NameFault(
            "NO_ROOM",
            text("The name is too long for the records that have to be published beneath it."),
            text("Names of up to {length} characters can be used.", length=LONGEST_NAME - RECORD_ROOM),
        )


def _refuse_public_suffix(normal: NormalName) -> None:
    if _public_suffixes().is_public(normal.name):
        raise NameFault(
            "PUBLIC_SUFFIX",
            text("“{name}” is a public suffix, under which others register names.", name=normal.unicode_name),
            text("Type the domain registered under it, such as example.{name}.", name=normal.unicode_name),
        )


@functools.cache
def _public_suffixes() -> PublicSuffixList:
    """The list that comes with the package, private section included; it is read once, which takes about 50 ms."""
    return PublicSuffixList()
