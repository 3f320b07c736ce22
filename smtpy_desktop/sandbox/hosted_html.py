"""Writes the HTML of the sandbox's hosted pages: everything is escaped, nothing is loaded from elsewhere, no script."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path

from smtpy_desktop.schemas.text import Text, text

_RESOURCES = Path(__file__).parent.parent / "resources"
_VOID = ("input", "link", "meta")
STYLE_PATH = "/hosted.css"
NO_MONEY = text("Sandbox - no money is moved")
SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class Html(str):
    """HTML that is written already."""

    __slots__ = ()


Part = Html | str


def tag(element: str, /, *parts: Part, **attributes: str | bool | None) -> Html:
    """Return an element; texts in it are escaped, ``class_`` and ``for_`` are what they are called without ``_``.

    An attribute that is True has no value, one that is None or False is left out.
    """
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escape(value)}"')
        for key, value in attributes.items()
        if value not in (None, False) and (value is True or isinstance(value, str))
    )
    if element in _VOID:
        return Html(f"<{element}{written}>")
    return Html(f"<{element}{written}>{joined(*parts)}</{element}>")


def joined(*parts: Part) -> Html:
    """Return parts one after the other."""
    return Html("".join(part if isinstance(part, Html) else escape(part) for part in parts))


class Speaker:
    """Says texts in the language that a browser asks for."""

    def __init__(self, accepted: str) -> None:
        names = (part.strip().lower().partition(";")[0].partition("-")[0] for part in accepted[:500].split(","))
        self.language = next((name for name in names if name in ("en", "fr")), "en")

    def __call__(self, words: Text) -> str:
        """Return a text in this language."""
        found = _french().get(words.template) if self.language == "fr" else None
        return str(Text(found, words.values)) if isinstance(found, str) and found else str(words)

    def told(self, words: Text, *, is_bad: bool = False) -> Html:
        """Return a line that says what has just happened; a screen reader reads it out."""
        return tag("p", self(words), class_="told bad" if is_bad else "told ok", role="alert" if is_bad else "status")


def document(say: Speaker, title: Text, *parts: Part, banner: Text = NO_MONEY) -> str:
    """Return a whole page, which says on top what it is not."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", say(title), " · ", say(text("Sandbox"))),
        tag("link", rel="stylesheet", href=STYLE_PATH),
    )
    note = tag("div", say(banner), class_="sandbox", role="note")
    body = tag("body", note, tag("main", tag("h1", say(title)), *parts))
    return f"<!DOCTYPE html>\n{tag('html', head, body, lang=say.language)}\n"


def style() -> str:
    """Return the style sheet of all pages; blocking, and quick."""
    return (_RESOURCES / "sandbox" / "hosted.css").read_text(encoding="utf-8")


@cache
def _french() -> Mapping[str, object]:
    content: dict[str, object] = json.loads((_RESOURCES / "translations" / "fr.json").read_text(encoding="utf-8"))
    return content
