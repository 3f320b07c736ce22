"""The guide as chapters that can be linked to and searched; its source are the Markdown files of ``docs/``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from urllib.parse import urlsplit

from smtpy_desktop.core.folded_text import folded, places_of, telling

DOCUMENTS = ("user-guide", "backups", "server", "scaling")
"""What is shown in the window, in this order; the other documents are for those who change the program."""

_HOSTS = frozenset(
    {"docs.stripe.com", "dashboard.stripe.com", "www.postgresql.org", "www.rfc-editor.org", "github.com", "stripe.com"}
)
_HEADING = re.compile(r"(#{1,6}) +(.+?) *#*")
_FENCE = re.compile(r" {0,3}(```+|~~~+)")
_NO_ANCHOR = re.compile(r"[^\w\- ]")
_MARKS = re.compile(r"!\[[^\]]*\]\([^)]*\)|\[([^\]]*)\]\([^)]*\)|[*`#|>]+|(?<=\|)\s*:?-{3,}:?\s*(?=\|)")
_OWN_PICTURE = re.compile(r"!\[[^\]]*\]\((?!\.\./)")
_LINK_UP = re.compile(r"(?<=\]\()\.\./")
_BLANKS = re.compile(r"[ \t\n]+")  # and not those that hold a word and its punctuation together
_SNIPPET = 110
_CHAPTER_LEVEL = 2


@dataclass(frozen=True, slots=True)
class Place:
    """A document and a heading in it (its anchor; empty: the beginning)."""

    document: str
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading within a chapter."""

    level: int
    title: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """What is shown at once: from a heading of the second level to the next; the text before is the first chapter."""

    document: str
    headings: tuple[Heading, ...]
    markdown: str

    @property
    def title(self) -> str:
        """What the chapter is called."""
        return self.headings[0].title if self.headings else self.document

    @property
    def place(self) -> Place:
        """Where the chapter begins."""
        return Place(self.document, self.headings[0].anchor if self.headings else "")


@dataclass(frozen=True, slots=True)
class Found:
    """A place that holds every word, and some words around the first."""

    place: Place
    title: str
    snippet: str


class Guide:
    """All chapters of all documents, in their order.

    ``originals``: the English texts of those documents that are translations. Whatever names an English heading of one,
    as topics and English documents do, leads to the heading that stands at its place in the translation.
    """

    def __init__(self, texts: Mapping[str, str], originals: Mapping[str, str] | None = None) -> None:
        self.chapters = tuple(chapter for name, text in texts.items() for chapter in chapters_of(name, text))
        self._translated = frozenset(originals or ())
        self._counterparts = {
            english: shown
            for name, text in (originals or {}).items()
            for english, shown in zip(_places(chapters_of(name, text)), _places(self._of(name)), strict=False)
        }

    def is_translated(self, document: str) -> bool:
        """Tell whether a document is there in another language than English."""
        return document in self._translated

    def place_here(self, place: Place) -> Place:
        """Return where a place of the English guide is in this one; any other place is where it says."""
        return self._counterparts.get(place, place)

    def chapter_at(self, place: Place) -> Chapter | None:
        """Return the chapter that holds a place; its document's first one where there is no such heading."""
        place = self.place_here(place)
        of_document = self._of(place.document)
        for chapter in of_document:
            if any(heading.anchor == place.anchor for heading in chapter.headings):
                return chapter
        return of_document[0] if of_document else None

    def _of(self, document: str) -> list[Chapter]:
        return [chapter for chapter in self.chapters if chapter.document == document]

    def neighbour(self, chapter: Chapter, step: int) -> Chapter | None:
        """Return the chapter before (-1) or after (1) one."""
        number = self.chapters.index(chapter) + step
        return self.chapters[number] if 0 <= number < len(self.chapters) else None

    def search(self, words: str) -> tuple[Found, ...]:
        """Return the sections that hold every word, those first whose heading does."""
        wanted = folded(words).split()
        found = [(rank, one) for chapter in self.chapters for rank, one in _found_in(chapter, wanted)] if wanted else []
        return tuple(one for _, one in sorted(found, key=lambda each: each[0]))


def chapters_of(document: str, text: str) -> Iterator[Chapter]:
    """Cut a document into its chapters."""
    used: dict[str, int] = {}
    headings: list[Heading] = []
    lines: list[str] = []
    for line, found in _lines(text):
        if found is not None:
            if found.level <= _CHAPTER_LEVEL and any(each.strip() for each in lines):
                yield from _chapter(document, headings, lines)
                headings, lines = [], []
            headings.append(replace(found, anchor=_unique(found.anchor, used)))
        lines.append(line)
    yield from _chapter(document, headings, lines)


def as_from_above(text: str, directory: str) -> str:
    """Return a translation with its links as one directory above: documents by name, its own pictures by place."""
    return _LINK_UP.sub("", _OWN_PICTURE.sub(lambda mark: f"{mark[0]}{directory}/", text))


def anchor_of(title: str) -> str:
    """Return the anchor of a heading as the places that show Markdown make it."""
    return _NO_ANCHOR.sub("", _plain(title).strip().lower()).replace(" ", "-")


def link_target(link: str, document: str) -> Place | None:
    """Return the place in the guide that a link of a document leads to; None when it leads elsewhere."""
    name, _, anchor = link.partition("#")
    if not name:
        return Place(document, anchor) if anchor else None
    stem = name.removeprefix("./").removesuffix(".md")
    return Place(stem, anchor) if name.endswith(".md") and stem in DOCUMENTS else None


def may_open(address: str) -> bool:
    """Tell whether a link of the guide may be opened in the browser: https, a known host, nothing else in it."""
    try:
        parts = urlsplit(address)
        port, user = parts.port, parts.username
    except ValueError:
        return False
    return parts.scheme == "https" and parts.hostname in _HOSTS and port in (None, 443) and user is None


def _places(chapters: Iterable[Chapter]) -> Iterator[Place]:
    for chapter in chapters:
        yield from (Place(chapter.document, heading.anchor) for heading in chapter.headings)


def _lines(text: str) -> Iterator[tuple[str, Heading | None]]:
    fence = ""
    for line in text.splitlines():
        mark = _FENCE.match(line)
        if mark is not None and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        found = _HEADING.fullmatch(line) if not fence and mark is None else None
        yield line, Heading(len(found[1]), _plain(found[2]), anchor_of(found[2])) if found is not None else None


def _chapter(document: str, headings: Sequence[Heading], lines: Sequence[str]) -> Iterator[Chapter]:
    """Yield the chapter, unless it is nothing but the document's title."""
    if any(line.strip() and not _HEADING.fullmatch(line) for line in lines):
        yield Chapter(document, tuple(headings), "\n".join(lines).strip() + "\n")


def _unique(anchor: str, used: dict[str, int]) -> str:
    number = used.get(anchor, 0)
    used[anchor] = number + 1
    return f"{anchor}-{number}" if number else anchor


def _plain(markdown: str) -> str:
    return _MARKS.sub(lambda mark: mark[1] or "", markdown)


def _found_in(chapter: Chapter, wanted: Sequence[str]) -> Iterator[tuple[int, Found]]:
    for place, title, lines in _sections(chapter):
        words = _BLANKS.sub(" ", _plain(" ".join(lines))).strip()
        everything = folded(f"{title} {words}")
        if all(word in everything for word in wanted):
            rank = 0 if all(word in folded(title) for word in wanted) else 1
            yield rank, Found(place, title, _snippet(words, wanted))


def _sections(chapter: Chapter) -> Iterator[tuple[Place, str, list[str]]]:
    """Yield each heading of a chapter with the lines below it; those before the first belong to the chapter."""
    headings = iter(chapter.headings)
    place, title, lines = chapter.place, chapter.title, list[str]()
    for line, heading in _lines(chapter.markdown):
        if heading is None:
            lines.append(line)
            continue
        if lines:
            yield place, title, lines
        known = next(headings)
        place, title, lines = Place(chapter.document, known.anchor), known.title, []
    yield place, title, lines


def _snippet(words: str, wanted: Sequence[str]) -> str:
    places = (place for word in telling(wanted) for place, _ in islice(places_of(word, words), 1))
    start = max(0, next(places, 0) - _SNIPPET // 3)
    start = words.rfind(" ", 0, start) + 1 if start else 0
    cut = words[start : start + _SNIPPET]
    return f"{'…' if start else ''}{cut}{'…' if start + _SNIPPET < len(words) else ''}"
