"""Read the address of an alias, its targets and its note as people write them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from smtpy_desktop.core.alias_matching import is_postmaster
from smtpy_desktop.core.email_address import ParsedAddress, parse_address
from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.aliases import Target
from smtpy_desktop.schemas.text import text

MOST_TARGETS = 100
LONGEST_NOTE = 500
_BETWEEN = re.compile(r"[\s,;]+")
_AROUND = "<>()[]\"'\u201c\u201d\u2018\u2019`.,;: \t\r\n"


def parse_alias_address(raw: str, *, field: str = "address", domain: str | None = None) -> ParsedAddress:
    """Return the address of an alias; a name alone is completed by ``domain``. Raises FieldError for ``field``."""
    typed = raw.strip().removesuffix(".")
    if domain is not None and typed and "@" not in typed:
        typed = f"{typed}@{domain}"
    if typed.startswith(("@", "*@")):
        name = typed.rpartition("@")[2]
        raise FieldError(
            field,
            "ALIAS_CATCH_ALL",
            text("{address} stands for every address: that is the catch-all, a setting of the domain.", address=typed),
            hint=text(
                "Set it in the settings of {name}, or with: domains update {name} --catch-all ADDRESS", name=name
            ),
        )
    return _parsed(typed, field)


def parse_target(raw: str, *, field: str = "targets") -> Target:
    """Return one target; raise FieldError for ``field``."""
    parsed = _parsed(raw.strip().removesuffix("."), field)
    return Target(parsed.address, parsed.key)


def parse_targets(raw: str | Iterable[str], *, field: str = "targets") -> tuple[Target, ...]:
    """Return the targets in a text (on lines, or with blanks, commas or semicolons between them).

    Raises FieldError for ``field``: none at all, one that is no address, the same one twice, or too many.
    """
    texts = [raw] if isinstance(raw, str) else list(raw)
    words = [word for each in texts for word in _BETWEEN.split(each) if word]
    if not words:
        raise FieldError(
            field, "ALIAS_NO_TARGET", text("Give an address to forward to."), hint=text("Several may stand on lines.")
        )
    if len(words) > MOST_TARGETS:
        raise FieldError(
            field,
            "ALIAS_TOO_MANY_TARGETS",
            text("These are {count} targets; an alias has at most {most}.", count=len(words), most=MOST_TARGETS),
            hint=text("Let a mailing list program send to many people."),
        )
    found: dict[str, Target] = {}
    for word in words:
        target = _parsed_target(word, words, field)
        if target.key in found:
            raise _twice(target, found, field)
        found[target.key] = target
    return tuple(found.values())


def parse_note(raw: str, *, field: str = "note") -> str:
    """Return a note as one line; raise FieldError for ``field`` when it is too long."""
    note = " ".join("".join(char if char.isprintable() else " " for char in raw).split())
    if len(note) > LONGEST_NOTE:
        raise FieldError(
            field,
            "ALIAS_NOTE_TOO_LONG",
            text("The note has {length} characters; at most {most} are kept.", length=len(note), most=LONGEST_NOTE),
            hint=text("Shorten it."),
        )
    return note


def refuse_silent_postmaster(key: str, *, is_active: bool) -> None:
    """Raise FieldError when postmaster would be switched off (RFC 5321 section 4.5.1)."""
    if is_postmaster(key) and not is_active:
        raise FieldError(
            "active",
            "ALIAS_POSTMASTER",
            text("Mail to postmaster has to be accepted for every domain (RFC 5321), so it cannot be switched off."),
            hint=text("Give it other targets, or delete the alias: then it goes to the organization's address."),
        )


def _parsed_target(word: str, words: list[str], field: str) -> Target:
    try:
        return parse_target(word, field=field)
    except FieldError as error:
        if error.suggestion is None or len(words) == 1:
            raise
        mended = "\n".join(error.suggestion if each == word else each for each in words)
        raise FieldError(
            field, error.code, error.message, detail=error.detail, hint=error.hint, suggestion=mended
        ) from error


def _twice(target: Target, found: dict[str, Target], field: str) -> FieldError:
    first = found[target.key].address
    return FieldError(
        field,
        "ALIAS_TARGET_TWICE",
        text("{address} stands there twice.", address=target.address)
        if first == target.address
        else text("{address} and {first} are the same address.", address=target.address, first=first),
        hint=text("One is enough: every target gets a message once."),
    )


def _parsed(typed: str, field: str) -> ParsedAddress:
    try:
        return parse_address(typed, field=field)
    except FieldError as error:
        meant = _meant(typed, field)
        if meant is None:
            raise
        raise FieldError(
            field, error.code, error.message, detail=error.detail, hint=error.hint, suggestion=meant
        ) from error


def _meant(typed: str, field: str) -> str | None:
    """Undo what pasting and typing add: brackets and quotes, ``mailto:``, a comma for a dot, two dots, "(at)"."""
    bare = re.sub(r"(?i)^mailto:", "", typed.strip(_AROUND)).strip(_AROUND)
    bare = re.sub(r"(?i)\s*[(\[]at[)\]]\s*|@+", "@", bare)
    for candidate in (bare, re.sub(r"\.{2,}", ".", bare.replace(",", "."))):
        if candidate and candidate != typed:
            try:
                return parse_address(candidate, field=field).address
            except FieldError:
                continue
    return None
