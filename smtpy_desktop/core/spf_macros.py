"""Parse and expand the macros of SPF records (RFC 7208 section 7)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from smtpy_desktop.schemas.text import Text, text

_LONGEST_NAME = 253
_DIGITS = 9  # more than any name has parts
_PART = re.compile(r"%\{([a-z])([0-9]*)(r?)([.\-+,/_=]*)\}|%([%_-])|([\x20-\x24\x26-\x7e]+)", re.IGNORECASE)
_LETTERS = frozenset("slodiphv")
_EXPLANATION_LETTERS = _LETTERS | frozenset("crt")
_ESCAPES = {"%": "%", "_": " ", "-": "%20"}
_TOP_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", re.IGNORECASE)


class SpfSyntaxError(Exception):
    """A record breaks the grammar of RFC 7208 section 12; ``problem`` says where."""

    def __init__(self, problem: Text) -> None:
        self.problem = problem
        super().__init__(str(problem))


@dataclass(frozen=True, slots=True)
class Macro:
    """One ``%{…}``: ``digits`` right-hand parts are kept (0: all) after splitting at ``delimiters``."""

    letter: str
    digits: int
    reverse: bool
    delimiters: str
    escape: bool


MacroText = tuple[str | Macro, ...]
"""A text with macros, parsed: literal parts and macros in their order."""


def parse_macro_text(value: str) -> MacroText:
    """Return the parts of a macro-string or of an explanation (section 6.2); raise SpfSyntaxError.

    Blanks are let through for explanations; in records there are none, because terms are split at them.
    """
    return tuple(_part(token, _EXPLANATION_LETTERS, value) for token in _tokens(value))


def parse_domain_spec(value: str) -> MacroText:
    """Return the parts of a domain-spec, which ends in a macro or in a dot and a top label; raise SpfSyntaxError."""
    tokens = _tokens(value)
    parts = tuple(_part(token, _LETTERS, value) for token in tokens)
    if not tokens or not _is_domain_end(tokens[-1][6]):
        raise SpfSyntaxError(text("“{value}” is no complete domain name.", value=value))
    return parts


def macro_letters(parts: MacroText) -> frozenset[str]:
    """Return the lower-case letters of the macros in a parsed text."""
    return frozenset(part.letter for part in parts if isinstance(part, Macro))


def expand(parts: MacroText, values: Mapping[str, str]) -> str:
    """Return the text with each macro replaced by the value of its letter, transformed as section 7.3 says."""
    return "".join(part if isinstance(part, str) else _transformed(part, values[part.letter]) for part in parts)


def expand_name(parts: MacroText, values: Mapping[str, str]) -> str:
    """Return an expanded domain-spec as a name: lower case, no trailing dot, cut at the left to 253 characters."""
    name = expand(parts, values).removesuffix(".").lower()
    while len(name) > _LONGEST_NAME:
        _, dot, rest = name.partition(".")
        if not dot:
            break
        name = rest
    return name


def _tokens(value: str) -> list[re.Match[str]]:
    tokens = []
    position = 0
    while position < len(value):
        token = _PART.match(value, position)
        if token is None:
            raise SpfSyntaxError(text("“{value}” has a stray “%” or a character that is not allowed.", value=value))
        tokens.append(token)
        position = token.end()
    return tokens


def _is_domain_end(literal: str | None) -> bool:
    if literal is None:
        return True  # a macro
    _, dot, top = literal.removesuffix(".").rpartition(".")
    return bool(dot) and not top.isdigit() and _TOP_LABEL.fullmatch(top) is not None


def _part(match: re.Match[str], letters: frozenset[str], value: str) -> str | Macro:
    letter, digits, reverse, delimiters, escape, literal = match.groups()
    if literal is not None:
        return str(literal)
    if escape is not None:
        return _ESCAPES[escape]
    if letter.lower() not in letters:
        raise SpfSyntaxError(text("“%{{{letter}}}” in “{value}” is no macro.", letter=letter, value=value))
    count = digits.lstrip("0")[:_DIGITS]
    if digits and not count:
        raise SpfSyntaxError(text("“{value}” asks for no part at all of a macro.", value=value))
    return Macro(letter.lower(), int(count or 0), bool(reverse), delimiters or ".", letter.isupper())


def _transformed(macro: Macro, value: str) -> str:
    if macro.digits or macro.reverse or macro.delimiters != ".":
        pieces = re.split(f"[{re.escape(macro.delimiters)}]", value)
        if macro.reverse:
            pieces.reverse()
        value = ".".join(pieces[-macro.digits :] if macro.digits else pieces)
    return quote(value, safe="-._~") if macro.escape else value
