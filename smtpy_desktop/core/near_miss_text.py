"""Recognise TXT values that are nearly right: quotes, typography, escapes, blanks, cuts and one wrong letter."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable, Iterator

from smtpy_desktop.core.dmarc_record import POLICIES
from smtpy_desktop.core.dns_codes import DnsCode
from smtpy_desktop.core.dns_finding import Finding, excerpt
from smtpy_desktop.core.one_letter import OneLetter, one_letter
from smtpy_desktop.core.spf_merge import contrary_term
from smtpy_desktop.core.tag_list import parse_tag_list, without_blanks
from smtpy_desktop.schemas.dns import RecordKind, Verdict, WantedRecord
from smtpy_desktop.schemas.text import Text, text

Explanation = tuple[DnsCode, Text]
"""A near miss by its code and in words."""

Judge = Callable[[tuple[str, ...]], Finding]
"""Judges the values of the record in question, as they are or mended."""

_UNREADABLE = {DnsCode.NO_RECORD, DnsCode.DKIM_SYNTAX, DnsCode.DMARC_SYNTAX, DnsCode.SPF_PERMERROR}
_VERSIONS = {RecordKind.SPF: "v=spf1", RecordKind.DKIM: "v=DKIM1", RecordKind.DMARC: "v=DMARC1"}
_RESULTS = {"-": "fail", "~": "softfail", "?": "neutral"}
_MOST_VALUES, _MOST_GAPS, _LONGEST, _SHORTEST = 8, 24, 4096, 6
_TYPOGRAPHY = str.maketrans(
    {
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\ufffd", '"'),
        **dict.fromkeys("\u2018\u2019\u201a\u2032\u00b4", "'"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict.fromkeys("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"),
    }
)


def explain_text(values: tuple[str, ...], wanted: WantedRecord, mechanism: str, judge: Judge) -> Explanation | None:
    """Name what keeps one of the TXT values (judged wrong) from being the wanted one; None if they are not close."""
    values = tuple(value for value in values[:_MOST_VALUES] if len(value) <= _LONGEST)
    if not values:
        return None
    return (
        _mended(values, wanted, judge)
        or _split_records(values, judge)
        or next(filter(None, (_cut(value, wanted) for value in values)), None)
        or next(filter(None, (_other_case(value, wanted) for value in values)), None)
        or next(filter(None, (_other_qualifier(value, wanted, mechanism) for value in values)), None)
        or next(filter(None, (_mistyped(value, wanted, mechanism) for value in values)), None)
    )


def readable(value: str) -> str:
    r"""Turn bytes beyond ASCII, however they were carried (``\226``, Latin-1, surrogates), into the text they were."""
    value = re.sub(r"(?:\\[0-9]{3})+", _decimal_escapes, value)
    if value.isascii():
        return value
    for encoding, errors in (("latin-1", "strict"), ("ascii", "surrogateescape")):
        try:
            return value.encode(encoding, errors).decode()
        except UnicodeError:
            continue
    return value


def _decimal_escapes(match: re.Match[str]) -> str:
    return "".join(chr(int(number) & 0xFF) for number in match[0].split("\\")[1:])


def _mended(values: tuple[str, ...], wanted: WantedRecord, judge: Judge) -> Explanation | None:
    before = judge(values).code
    for place, value in enumerate(values):
        for code, mended in _mendings(value, wanted):
            if mended == value or not mended:
                continue
            after = judge((*values[:place], mended, *values[place + 1 :]))
            if after.verdict is Verdict.OK or (before in _UNREADABLE and after.code not in _UNREADABLE):
                return code, _mending_text(code, value, mended)
    return None


def _mendings(value: str, wanted: WantedRecord) -> Iterator[tuple[DnsCode, str]]:
    """Offer what the value would be without one kind of mistake, then without several."""
    plain = unicodedata.normalize("NFKC", readable(value).translate(_TYPOGRAPHY))
    yield DnsCode.NEAR_QUOTES, _unquoted(value)
    yield DnsCode.NEAR_ESCAPES, _unquoted(re.sub(r"\\(.)", r"\1", value))
    yield DnsCode.NEAR_TYPOGRAPHY, _unquoted(re.sub(r"\\(.)", r"\1", plain))
    yield DnsCode.NEAR_BLANKS, value.strip()
    yield DnsCode.NEAR_ZONE_LINE, _without_zone_line(plain, wanted)
    for gap in itertools.islice(re.finditer(r"\s+", value), _MOST_GAPS):
        yield DnsCode.NEAR_BLANKS, value[: gap.start()] + value[gap.end() :]
    if without_blanks(value) == without_blanks(wanted.value):
        yield DnsCode.NEAR_BLANKS, wanted.value


def _unquoted(value: str) -> str:
    """Join what stands inside quotation marks (escaped or not); blanks between the strings do not count."""
    parts = re.split(r"\\?\"", value)
    if len(parts) == 1:
        return value.strip("'")
    return "".join(part if place % 2 else part.strip() for place, part in enumerate(parts))


def _without_zone_line(value: str, wanted: WantedRecord) -> str:
    """Take the value out of a pasted zone line such as ``_dmarc 3600 IN TXT "v=DMARC1; …"``."""
    version = _VERSIONS.get(wanted.kind, wanted.value)
    start = value.lower().find(version.lower())
    if start < 0:
        return value
    if wanted.kind is RecordKind.OWNERSHIP:
        return value[start : start + len(version)]
    return _unquoted(value[start:])


def _mending_text(code: DnsCode, value: str, mended: str) -> Text:
    found, wanted = excerpt(value, 160), excerpt(mended, 160)
    match code:
        case DnsCode.NEAR_QUOTES:
            return text(
                "The quotation marks were published as a part of the value: {found} In a zone file they only mark its"
                " ends (RFC 1035 section 5.1). Enter it without them: {wanted}",
                found=found,
                wanted=wanted,
            )
        case DnsCode.NEAR_ESCAPES:
            return text(
                "The backslashes were published as a part of the value: {found} Only zone files need them before a"
                " semicolon (RFC 1035 section 5.1). Enter: {wanted}",
                found=found,
                wanted=wanted,
            )
        case DnsCode.NEAR_TYPOGRAPHY:
            return text(
                "The value contains the character {character}, as word processors put it in: {found} Enter it in plain"
                " letters: {wanted}",
                character=_strange_character(value),
                found=found,
                wanted=wanted,
            )
        case DnsCode.NEAR_ZONE_LINE:
            return text(
                "More than the value was entered: {found} Only this belongs in the value: {wanted}",
                found=found,
                wanted=wanted,
            )
        case _ if mended == value.strip():
            return text(
                "There is a blank before or after the value: “{found}” It must begin with its first letter: {wanted}",
                found=found,
                wanted=wanted,
            )
        case _:
            return text(
                "There is a blank inside the value that does not belong there, often where a long value was split"
                " (strings are joined without blanks: RFC 7208 section 3.3, RFC 6376 section 3.6.2.2). Found {found}"
                " Wanted {wanted}",
                found=found,
                wanted=wanted,
            )


def _strange_character(value: str) -> str:
    strange = next((letter for letter in readable(value) if not letter.isascii()), "\\")
    return f"U+{ord(strange):04X} {unicodedata.name(strange, '')}".rstrip()


def _split_records(values: tuple[str, ...], judge: Judge) -> Explanation | None:
    """Find a value that was published in pieces, each as a record of its own, in any order."""
    for count in (2, 3):
        for pieces in itertools.permutations(values[:4], count):
            if judge(("".join(pieces),)).verdict is Verdict.OK:
                return DnsCode.NEAR_SPLIT_RECORDS, text(
                    "The value was published as {count} TXT records. It must be one record made of {count} strings"
                    " (RFC 1035 section 3.3.14, RFC 6376 section 3.6.2.2): receivers do not put records together.",
                    count=count,
                )
    return None


def _cut(value: str, wanted: WantedRecord) -> Explanation | None:
    found, whole = without_blanks(value).strip('"'), without_blanks(wanted.value)
    if wanted.kind is RecordKind.DKIM and "p" in (tags := parse_tag_list(value).tags):
        found, whole = without_blanks(tags["p"]), without_blanks(parse_tag_list(wanted.value).tags.get("p", ""))
    if not _SHORTEST <= len(found) < len(whole):
        return None
    if whole.startswith(found):
        return DnsCode.NEAR_TRUNCATED, _cut_text(value, whole[len(found) :])
    if len(found) > 2 * _SHORTEST and whole.endswith(found):
        return DnsCode.NEAR_TRUNCATED, text(
            "The beginning of the value is missing; it starts with {found} Wanted {wanted}",
            found=excerpt(value, 60),
            wanted=excerpt(wanted.value, 60),
        )
    return None


def _cut_text(value: str, missing: str) -> Text:
    if 250 <= len(value) <= 256:
        return text(
            "The value was cut after {length} letters: {missing} is missing at its end. One string of a TXT record"
            " holds 255 (RFC 1035 section 3.3); longer values are entered as several strings of one record.",
            length=len(value),
            missing=excerpt(missing, 40),
        )
    return text(
        "The end of the value is missing: it stops after {length} letters, {missing} should follow.",
        length=len(value),
        missing=excerpt(missing, 40),
    )


def _other_case(value: str, wanted: WantedRecord) -> Explanation | None:
    if wanted.kind not in (RecordKind.DKIM, RecordKind.OWNERSHIP):
        return None
    found, whole = without_blanks(value), without_blanks(wanted.value)
    if found == whole or found.lower() != whole.lower():
        return None
    return DnsCode.NEAR_CASE, text(
        "Upper and lower case letters were changed, and they matter here: {found} was published, {wanted} is wanted.",
        found=excerpt(value),
        wanted=excerpt(wanted.value),
    )


def _other_qualifier(value: str, wanted: WantedRecord, mechanisms: str) -> Explanation | None:
    """Find one of our mechanisms with a qualifier that does not let our mail pass."""
    if wanted.kind is not RecordKind.SPF:
        return None
    contrary = contrary_term(value, mechanisms)
    if contrary is None:
        return None
    found, ours = contrary
    return DnsCode.NEAR_QUALIFIER, text(
        "“{found}” is published: its “{qualifier}” makes the result for our mail “{result}” instead of “pass” (RFC 7208"
        " section 4.6.2). Replace it by {wanted}.",
        found=found.text,
        qualifier=found.qualifier,
        result=_RESULTS[found.qualifier],
        wanted=ours,
    )


def _mistyped(value: str, wanted: WantedRecord, mechanism: str) -> Explanation | None:
    for found, right in _comparable_parts(value, wanted, mechanism):
        if len(right) >= _SHORTEST - 2 and (slip := one_letter(found, right)) is not None:
            return DnsCode.NEAR_TYPO, slip.describe(_around(found, slip), _around(right, slip))
    return None


def _comparable_parts(value: str, wanted: WantedRecord, mechanism: str) -> Iterator[tuple[str, str]]:
    """Pair the parts of a value with what they should be, the whole value first."""
    yield " ".join(value.split()), " ".join(wanted.value.split())
    if wanted.kind is RecordKind.SPF:
        terms = value.lower().split()
        yield from ((term, "v=spf1") for term in terms[:1])
        yield from ((term, right) for right in mechanism.lower().split() if right not in terms for term in terms[1:])
    elif wanted.kind in (RecordKind.DKIM, RecordKind.DMARC):
        found, right = parse_tag_list(value).tags, parse_tag_list(wanted.value).tags
        for name, content in right.items():
            if name not in found:
                yield from ((f"{other}={found[other]}", f"{name}={content}") for other in found if other not in right)
            elif found[name].lower() not in POLICIES:
                yield without_blanks(found[name]), without_blanks(content)


def _around(value: str, slip: OneLetter) -> str:
    """Show a short value whole and of a long one what is around the slip."""
    if len(value) <= 80:
        return value
    start, end = max(0, slip.place - 20), slip.place + 20
    return f"{'…' if start else ''}{value[start:end]}{'…' if end < len(value) else ''}"
