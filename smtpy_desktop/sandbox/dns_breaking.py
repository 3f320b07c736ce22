"""The ways in which people get a DNS record wrong, done on purpose."""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass

from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.dns import RecordKind
from smtpy_desktop.schemas.text import text


class Breakage(enum.StrEnum):
    """One typical mistake."""

    MISSING = "missing"
    TYPO = "typo"
    CUT_SHORT = "cut_short"
    DOUBLED_SUFFIX = "doubled_suffix"
    WRONG_LABEL = "wrong_label"
    SECOND_RECORD = "second_record"
    SMART_QUOTES = "smart_quotes"
    SPLIT_WITH_BLANKS = "split_with_blanks"
    WILDCARD = "wildcard"


@dataclass(frozen=True, slots=True)
class Broken:
    """What is published instead; ``stray_name``: where the right values went."""

    values: tuple[str, ...] = ()
    stray_name: str = ""


def break_values(kind: RecordKind, how: Breakage, values: Sequence[str], host: str, domain: str) -> Broken:
    """Return what stands in the zone after the mistake; raises FieldError where a record cannot be spoilt so."""
    if how not in possible_breakages(kind):
        message = text("A {kind} record cannot be broken in this way.", kind=kind.value.upper())
        raise FieldError("how", "SANDBOX_BREAKAGE", message)
    if how in _EDITS:
        return Broken(tuple(map(_EDITS[how], values)))
    if how is Breakage.SECOND_RECORD:
        return Broken((*values, _SECOND_RECORDS[kind]))
    if how is Breakage.DOUBLED_SUFFIX and kind is RecordKind.MX:  # the dot at the end was forgotten
        return Broken(tuple(f"{value.removesuffix('.')}.{domain}." for value in values))
    places = {
        Breakage.DOUBLED_SUFFIX: f"{host}.{domain}",
        Breakage.WRONG_LABEL: _wrong_label(kind, host, domain),
        Breakage.WILDCARD: f"*.{domain}",
    }
    return Broken(stray_name=places.get(how, ""))


def possible_breakages(kind: RecordKind) -> tuple[Breakage, ...]:
    """Return the mistakes that can be made with this kind of record."""
    if kind is RecordKind.MX:
        return (
            Breakage.MISSING,
            Breakage.TYPO,
            Breakage.DOUBLED_SUFFIX,
            Breakage.WRONG_LABEL,
            Breakage.SECOND_RECORD,
        )
    return tuple(Breakage)


def _with_typo(value: str) -> str:
    """Leave out one letter in the middle of the longest word."""
    longest = max(re.finditer("[A-Za-z0-9]+", value), key=lambda word: word.end() - word.start())
    middle = (longest.start() + longest.end()) // 2
    return value[:middle] + value[middle + 1 :]


def _with_blanks(value: str) -> str:
    half = len(value) // 2
    return f"{value[:half]} {value[half:]}"


def _wrong_label(kind: RecordKind, host: str, domain: str) -> str:
    if kind is RecordKind.DKIM:  # the selector alone
        return f"{host.partition('.')[0]}.{domain}"
    if host == domain:
        return f"mail.{domain}"
    return f"{host.partition('.')[0].lstrip('_')}.{domain}"


def _cut_short(value: str) -> str:
    return value[: len(value) * 2 // 3].rstrip()


def _in_smart_quotes(value: str) -> str:
    return f"“{value}”"


_EDITS = {
    Breakage.TYPO: _with_typo,
    Breakage.CUT_SHORT: _cut_short,
    Breakage.SMART_QUOTES: _in_smart_quotes,
    Breakage.SPLIT_WITH_BLANKS: _with_blanks,
}
_SECOND_RECORDS = {
    RecordKind.MX: "1 mail.other-provider.test.",
    RecordKind.SPF: "v=spf1 include:spf.other-provider.test ~all",
    RecordKind.DKIM: "v=DKIM1; k=rsa; p=",
    RecordKind.DMARC: "v=DMARC1; p=none",
    RecordKind.OWNERSHIP: "smtpy-verification=another",
}
