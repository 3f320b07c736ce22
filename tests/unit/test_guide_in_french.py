"""The French guide says what the English one says, in the words that are read in the French window."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from smtpy_desktop.core.guide_text import DOCUMENTS, Chapter, Guide, as_from_above, chapters_of, link_target

ROOT = Path(__file__).parents[2]
DOCS, FRENCH = ROOT / "docs", ROOT / "docs" / "fr"
TRANSLATED = [name for name in DOCUMENTS if (FRENCH / f"{name}.md").is_file()]
_CODE = re.compile(r"^```\w*\n(?:(?!```).*\n)*```$|(?:^ {4}.*\n)+", re.MULTILINE)
_COMMENT = re.compile(r" {2,}#.*")
_CODE_SPAN = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"(!?)\[[^\]]*\]\(([^)\s]+)\)")
_LABEL = re.compile(r"(?<!\*)(\*\*?)(?!\*)(.+?)\1(?!\*)", re.DOTALL)
# Words of sentences that happen to be labels, too.
_SENTENCES = frozenset({("**", "Add a domain"), ("**", "Cancel"), ("**", "Notices")})


@cache
def _text(name: str, *, is_french: bool) -> str:
    path = (FRENCH if is_french else DOCS) / f"{name}.md"
    text = path.read_text(encoding="utf-8")
    return as_from_above(text, FRENCH.name) if is_french else text


def _chapters(name: str) -> Iterator[tuple[Chapter, Chapter]]:
    pairs = (tuple(chapters_of(name, _text(name, is_french=each))) for each in (False, True))
    return zip(*pairs, strict=True)


def _prose(chapter: Chapter) -> str:
    return _CODE.sub("", chapter.markdown)


@cache
def _catalogue() -> dict[str, frozenset[str]]:
    """Return what each English text can be in French, both as they are read: in lower case and without mnemonics."""
    path = ROOT / "smtpy_desktop" / "resources" / "translations" / "fr.json"
    found: dict[str, set[str]] = {}
    for english, french in json.loads(path.read_text(encoding="utf-8")).items():
        for key in english.split("\n"):
            found.setdefault(_as_read(key), set()).update(
                map(_as_read, [french] if isinstance(french, str) else french)
            )
    return {key: frozenset(values) for key, values in found.items()}


def _as_read(words: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"&(\w)", r"\1", words)).strip(" :.").lower()


def _in_french(label: str) -> frozenset[str]:
    """Return what a label of the English guide may be in French; a path of labels is translated part by part."""
    known = _catalogue()
    if _as_read(label) in known:
        return known[_as_read(label)]
    parts = [known.get(_as_read(part), frozenset()) for part in label.split(",")]
    return frozenset(", ".join(words) for words in itertools.product(*parts))


@pytest.mark.parametrize("name", TRANSLATED)
def test_the_headings_are_those_of_the_english_guide_level_by_level(name: str) -> None:
    levels = [
        [heading.level for chapter in chapters_of(name, _text(name, is_french=each)) for heading in chapter.headings]
        for each in (False, True)
    ]

    assert levels[0] == levels[1]


@pytest.mark.parametrize("name", TRANSLATED)
def test_commands_keys_and_tables_are_the_same(name: str) -> None:
    for english, french in _chapters(name):
        shapes = [_shape(chapter) for chapter in (english, french)]

        assert shapes[0] == shapes[1], french.title


@pytest.mark.parametrize("name", TRANSLATED)
def test_links_and_pictures_are_the_same_and_lead_to_the_same_chapters(name: str) -> None:
    guide = Guide(*({each: _text(each, is_french=side) for each in TRANSLATED} for side in (True, False)))
    for english, french in _chapters(name):
        wanted = Counter(_target(guide, name, *each) for each in _LINK.findall(_prose(english)))

        assert Counter(_target(None, name, *each) for each in _LINK.findall(_prose(french))) == wanted, french.title


@pytest.mark.parametrize("name", TRANSLATED)
def test_no_english_anchor_is_that_of_another_chapter_in_french(name: str) -> None:
    anchors = [
        [heading.anchor for chapter in chapters_of(name, _text(name, is_french=each)) for heading in chapter.headings]
        for each in (False, True)
    ]

    assert [one for one in anchors[0] if one in anchors[1] and anchors[0].index(one) != anchors[1].index(one)] == []


@pytest.mark.parametrize("name", TRANSLATED)
def test_what_is_read_in_the_window_is_called_what_the_window_calls_it(name: str) -> None:
    wrong = []
    for english, french in _chapters(name):
        said = {_as_read(label) for _, label in _LABEL.findall(_prose(french))}
        for mark, label in _LABEL.findall(_prose(english)):
            wanted = _in_french(label) if (mark, label) not in _SENTENCES else None
            if wanted and not wanted & said:
                wrong.append((french.title, label, sorted(wanted)))

    assert wrong == []


def _shape(chapter: Chapter) -> dict[str, object]:
    """Return what does not depend on the language: code, keys, tables, paragraphs, list items."""
    lines = _prose(chapter).splitlines()
    return {
        "code": [_COMMENT.sub("", block) for block in _CODE.findall(chapter.markdown)],
        "spans": Counter(" ".join(span.split()) for span in _CODE_SPAN.findall(_prose(chapter))),
        "tables": [line.count("|") for line in lines if line.startswith("|")],
        "paragraphs": sum(bool(each.strip()) for each in _prose(chapter).split("\n\n")),
        "items": sum(bool(re.match(r"\d+\. |- ", line)) for line in lines),
    }


def _target(guide: Guide | None, name: str, mark: str, link: str) -> object:
    place = link_target(link, name) if not mark else None
    if place is None:
        return link.removeprefix(f"{FRENCH.name}/") if mark else link
    return guide.place_here(place) if guide is not None else place
