"""Turn a DNS name as people write it into lower-case A-labels, or say exactly which part of it cannot be one."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import idna

from smtpy_desktop.schemas.text import Text, text

LONGEST_NAME = 253
"""Characters in a name without its trailing dot (RFC 1035 section 2.3.4: 255 octets on the wire)."""

LONGEST_LABEL = 63
_LONGEST_INPUT = 1000
_LONGEST_SHOWN = 60
_DOTS = ".\u3002\uff0e\uff61"
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_BLANKS = " \t\r\n\u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_EDGES = _BLANKS + _INVISIBLE
_QUOTES_AND_BRACKETS = "\"'\u2018\u2019\u201c\u201d\u00ab\u00bb`<>()[]{},;:!?"
_NOT_LETTER_DIGIT_HYPHEN = re.compile("[^a-z0-9-]")
_CHARACTER_FAULTS = ("disallowed_codepoint", "unknown_codepoint", "contextj", "contexto")
_TRANSLATE_DOTS = str.maketrans(dict.fromkeys(_DOTS[1:], "."))


class NameFault(Exception):
    """Why a text is no usable name.

    ``kind`` is the stable part of an error code (``EMPTY_LABEL``); ``candidate`` is what may have been meant: it has
    to be checked before it is offered.
    """

    def __init__(self, kind: str, message: Text, hint: Text, candidate: str | None = None) -> None:
        self.kind = kind
        self.message = message
        self.hint = hint
        self.candidate = candidate
        super().__init__(str(message))


@dataclass(frozen=True, slots=True)
class NormalName:
    """A name in lower-case A-labels without trailing dot, the same in Unicode, and what was changed to get there."""

    name: str
    unicode_name: str
    notices: tuple[Text, ...]

    @property
    def labels(self) -> list[str]:
        """The labels from left to right."""
        return self.name.split(".")


def normalize_name(raw: str) -> NormalName:
    """Return the name in the form that the DNS uses; raise NameFault when a label breaks RFC 1035, 1123 or 5891."""
    stripped = raw.strip(_EDGES)
    if not stripped.strip(_DOTS):
        raise NameFault("EMPTY", text("No name is given."), text("Type a domain name such as example.com."))
    if len(stripped) > _LONGEST_INPUT:
        raise _too_long(len(stripped))
    mapped = _mapped(stripped)
    written = mapped.rstrip(".")
    labels = written.split(".")
    name = ".".join(_a_label(label, labels) for label in labels)
    if len(name) > LONGEST_NAME:
        raise _too_long(len(name))
    return NormalName(name, unicode_form(name), tuple(_notices(raw, stripped, mapped, name)))


def unicode_form(name: str) -> str:
    """Return the name for showing: A-labels as Unicode, a label that cannot be decoded as it is."""
    if "xn--" not in name.lower():
        return name
    return ".".join(map(_u_label, name.split(".")))


def strip_blanks(raw: str) -> str:
    """Return the text without blanks and invisible characters around it."""
    return raw.strip(_EDGES)


def shown(value: str) -> str:
    """Return a text short enough and harmless enough to be quoted in a message."""
    short = value if len(value) <= _LONGEST_SHOWN else value[:_LONGEST_SHOWN] + "…"
    return "".join(char if char.isprintable() else f"U+{ord(char):04X}" for char in short)


def _mapped(stripped: str) -> str:
    """Apply the mapping of UTS #46: lower case, full-width forms and dots, composition."""
    try:
        return idna.uts46_remap(stripped, std3_rules=False)
    except idna.IDNAError as error:
        if error.codepoint is None:
            raise _not_a_label(stripped) from error
        raise _illegal(chr(error.codepoint), stripped) from error


def _a_label(label: str, labels: list[str]) -> str:
    if not label:
        raise NameFault(
            "EMPTY_LABEL",
            text("There is nothing between two of the dots."),
            text("Write the name with a single dot between its parts."),
            ".".join(filter(None, labels)),
        )
    for char in filter(str.isascii, label):
        if _NOT_LETTER_DIGIT_HYPHEN.match(char):
            raise _illegal(char, ".".join(labels))
    if len(label) > LONGEST_LABEL:
        raise _label_too_long(label)
    if label.startswith("xn--"):
        _check_punycode(label)
    elif label.startswith("-") or label.endswith("-"):
        raise NameFault(
            "HYPHEN",
            text("“{label}” begins or ends with a hyphen.", label=shown(label)),
            text("Hyphens are allowed inside a label only (RFC 1123 section 2.1)."),
            ".".join(part.strip("-") for part in labels),
        )
    return label if label.isascii() else _encoded(label, labels)


def _encoded(label: str, labels: list[str]) -> str:
    try:
        return idna.alabel(label).decode("ascii")
    except idna.IDNAError as error:
        if error.code == "label_too_long":
            raise _label_too_long(label) from error
        if error.codepoint is not None and error.code in _CHARACTER_FAULTS:
            raise _illegal(chr(error.codepoint), ".".join(labels)) from error
        raise _not_a_label(label) from error


def _check_punycode(label: str) -> None:
    try:
        idna.ulabel(label)
    except UnicodeError as error:
        raise NameFault(
            "INVALID_PUNYCODE",
            text("“{label}” begins with “xn--”, but is no valid encoded label.", label=shown(label)),
            text("Type the name in its own script; it is encoded for you (RFC 5891)."),
        ) from error


def _u_label(label: str) -> str:
    if not label.lower().startswith("xn--"):
        return label
    try:
        return idna.ulabel(label)
    except UnicodeError:
        return label


def _illegal(char: str, whole: str) -> NameFault:
    if char == "_":
        kept = [label for label in whole.split(".") if not label.startswith("_")]
        return NameFault(
            "UNDERSCORE",
            text("“_” is not allowed in a domain name."),
            text("Names such as _dmarc.example.com are record names: type the domain itself (RFC 1123 section 2.1)."),
            ".".join(kept),
        )
    return NameFault(
        "ILLEGAL_CHARACTER",
        text("{character} is not allowed in a domain name.", character=_named(char)),
        text("Use letters, digits, hyphens and dots only."),
        _without_slips(whole),
    )


def _named(char: str) -> str:
    """Name a character so that even one that cannot be seen is recognised."""
    number = f"U+{ord(char):04X}"
    if char.isprintable() and not char.isspace() and not unicodedata.combining(char):
        return f"“{char}”" if char.isascii() else f"“{char}” ({number})"
    return f"{unicodedata.name(char, 'CONTROL CHARACTER').capitalize()} ({number})"


def _without_slips(whole: str) -> str:
    """Undo what pasting and typing add: quotes and brackets around, blanks inside, a comma for a dot."""
    inner = whole.strip(_QUOTES_AND_BRACKETS)
    return "".join(char for char in inner.replace(",", ".") if char not in _EDGES)


def _not_a_label(label: str) -> NameFault:
    return NameFault(
        "INVALID_IDN",
        text("“{label}” cannot be part of a domain name as it is written.", label=shown(label)),
        text("Check for mixed writing directions or stray accents and joiners (RFC 5891 section 4.2)."),
    )


def _label_too_long(label: str) -> NameFault:
    return NameFault(
        "LABEL_TOO_LONG",
        text("“{label}” is too long: a label has at most 63 characters.", label=shown(label)),
        text("Shorten the part between the dots (RFC 1035 section 2.3.4; accented names count as encoded)."),
    )


def _too_long(length: int) -> NameFault:
    return NameFault(
        "TOO_LONG",
        text("The name is too long: {length} characters, at most 253 are allowed.", length=length),
        text("Check that nothing else was pasted along with it (RFC 1035 section 2.3.4)."),
    )


def _notices(raw: str, stripped: str, mapped: str, name: str) -> list[Text]:
    notices: list[Text] = []
    if stripped != raw:
        notices.append(text("Blanks around the name were removed."))
    if any(dot in stripped for dot in _DOTS[1:]):
        notices.append(text("Full-width dots were read as dots."))
    if mapped.endswith("."):
        notices.append(text("The dot at the end was removed."))
    lower = stripped.lower()
    if lower != stripped:
        notices.append(text("Upper case was turned into lower case."))
    plain = unicodedata.normalize("NFC", lower.translate(_TRANSLATE_DOTS))
    if plain != mapped:
        notices.append(text("Characters with a plain equivalent were replaced and invisible ones removed."))
    if name != mapped.rstrip("."):
        notices.append(text("In the DNS the name is written {name}.", name=name))
    return notices
