"""The pages that people see in their browser: after a checkout, and at the listener's address.

They are fixed texts: nothing of a request is repeated in them, nothing is loaded, no script runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from smtpy_desktop.listeners.request_rules import CANCEL_PATH, SUCCESS_PATH
from smtpy_desktop.schemas.text import Text, text

LANGUAGES = ("en", "fr")
Translate = Callable[[Text, str], str]
"""Returns a text in one of the languages."""

PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True, slots=True)
class _Page:
    mark: str
    title: Text
    lines: tuple[Text, ...]


_PAGES = {
    "/": _Page(
        "●",
        text("SMTPy Desktop listens"),
        (text("Stripe's events are taken in at this address while the program runs."),),
    ),
    SUCCESS_PATH: _Page(
        "✓",
        text("Thank you"),
        (
            text("Stripe has taken your order. SMTPy Desktop shows the subscription once Stripe has confirmed it."),
            text("You can close this tab."),
        ),
    ),
    CANCEL_PATH: _Page(
        "○",
        text("Nothing was bought"),
        (
            text("The checkout was left. You can subscribe at any time in SMTPy Desktop."),
            text("You can close this tab."),
        ),
    ),
}

_STYLE = """
:root { color-scheme: light dark; --back: #F6F7F9; --card: #FFFFFF; --line: #E2E6EC; --text: #171B22; --mark: #137A45; }
@media (prefers-color-scheme: dark) {
  :root { --back: #13161B; --card: #1A1E25; --line: #2D343F; --text: #E9ECF1; --mark: #56CB92; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: flex; align-items: center; justify-content: center; padding: 16px;
  background: var(--back); color: var(--text); font: 16px/1.5 Inter, system-ui, sans-serif; }
main { width: 100%; max-width: 440px; padding: 32px; background: var(--card); border: 1px solid var(--line);
  border-radius: 8px; }
.mark { color: var(--mark); font-size: 24px; line-height: 1; }
h1 { margin: 12px 0 8px; font-size: 22px; line-height: 1.25; }
p { margin: 8px 0 0; }
"""


def page(path: str, language: str, translate: Translate) -> str:
    """Return a page as HTML."""
    shown = _PAGES[path]
    title = escape(translate(shown.title, language))
    lines = "\n".join(f"<p>{escape(translate(line, language))}</p>" for line in shown.lines)
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title} · SMTPy Desktop</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f'<div class="mark" aria-hidden="true">{shown.mark}</div>\n<h1>{title}</h1>\n{lines}\n'
        "</main>\n</body>\n</html>\n"
    )


def language_for(accepted: str) -> str:
    """Return the language of ours that a browser likes best (Accept-Language, RFC 9110 section 12.5.4)."""
    best, weight = LANGUAGES[0], 0.0
    for part in accepted[:500].split(","):
        name, _, rest = part.strip().partition(";")
        language = name.strip().lower().partition("-")[0]
        quality = _quality(rest)
        if language in LANGUAGES and quality > weight:
            best, weight = language, quality
    return best


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        quality = float(value)
    except ValueError:
        return 0.0
    return quality if 0 <= quality <= 1 else 0.0
