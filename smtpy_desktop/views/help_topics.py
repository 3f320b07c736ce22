"""Which part of the guide belongs to which page and dialog."""

from __future__ import annotations

from smtpy_desktop.core.guide_text import Place

_GUIDE = "user-guide"
FIRST = Place(_GUIDE, "first-steps")

TOPICS = {
    "": FIRST,
    "start": Place(_GUIDE, "the-database"),
    "overview": Place(_GUIDE, "the-overview"),
    "domains": Place(_GUIDE, "domains"),
    "verdicts": Place(_GUIDE, "what-a-verdict-means"),
    "mail-identity": Place(_GUIDE, "who-you-are-in-the-dns"),
    "aliases": Place(_GUIDE, "aliases"),
    "rules": Place(_GUIDE, "rules"),
    "trying": Place(_GUIDE, "trying-it-out"),
    "messages": Place(_GUIDE, "messages"),
    "messages-bulk": Place(_GUIDE, "doing-something-with-everything-that-is-found"),
    "forwarder": Place(_GUIDE, "the-forwarder-page"),
    "billing": Place(_GUIDE, "billing"),
    "events": Place(_GUIDE, "events"),
    "activity": Place(_GUIDE, "activity"),
    "notices": Place(_GUIDE, "notices"),
    "settings": Place(_GUIDE, "settings"),
    "appearance": Place(_GUIDE, "language-dates-and-times"),
    "profiles": Place(_GUIDE, "profiles"),
    "backups": Place(_GUIDE, "backups"),
    "log": Place(_GUIDE, "the-log"),
    "support": Place(_GUIDE, "when-something-does-not-work"),
    "zones": Place(_GUIDE, "the-sandbox"),
    "sandbox-mail": Place(_GUIDE, "the-sandboxs-mail"),
    "stripe": Place(_GUIDE, "the-sandboxs-stripe"),
    "secrets": Place(_GUIDE, "secrets"),
    "keys": Place(_GUIDE, "keys"),
}
"""By the ids of pages, and by names of parts of them that have a chapter of their own."""
