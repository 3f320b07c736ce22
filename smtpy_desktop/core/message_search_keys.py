"""The keys of the search language, what else people call them, and how unknown ones are put right."""

from __future__ import annotations

from collections.abc import Iterable

from smtpy_desktop.core.one_letter import one_letter
from smtpy_desktop.schemas.message_search import SearchKey

KEYS = tuple(key for key in SearchKey if key is not SearchKey.WORD)

_OTHER_NAMES = {
    "sender": SearchKey.FROM,
    "recipient": SearchKey.TO,
    "rcpt": SearchKey.TO,
    "forwarded-to": SearchKey.FORWARDED,
    "since": SearchKey.AFTER,
    "until": SearchKey.BEFORE,
    "date": SearchKey.ON,
    "message-id": SearchKey.ID,
    "msgid": SearchKey.ID,
}
_SHORTEST_TYPO = 3


def known_key(name: str) -> SearchKey | None:
    """Return the key of that name in any case, by its own or another usual name."""
    lower = name.lower()
    return next((key for key in KEYS if key.value == lower), _OTHER_NAMES.get(lower))


def probable_key(name: str) -> SearchKey | None:
    """Return the key that was probably meant by a name that is none: one letter away, and not too short to tell."""
    meant = probable_word(name, [*(key.value for key in KEYS), *_OTHER_NAMES])
    return known_key(meant) if meant is not None else None


def probable_word(typed: str, words: Iterable[str]) -> str | None:
    """Return the one of ``words`` that is one letter away from what was typed."""
    lower = typed.lower()
    if len(lower) < _SHORTEST_TYPO:
        return None
    return next((word for word in words if len(word) >= _SHORTEST_TYPO and one_letter(lower, word)), None)
