"""The guide's chapters can be linked to and searched, and nothing in it leads astray."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from smtpy_desktop.core.guide_text import (
    DOCUMENTS,
    Guide,
    Place,
    anchor_of,
    as_from_above,
    chapters_of,
    link_target,
    may_open,
)

DOCS = Path(__file__).parents[3] / "docs"
TEXT = """\
# Book

## First *steps*

Begin with `one`.

```sh
# no heading
```

### Deeper

Something else.

## First steps

The second one.
"""


@pytest.fixture(scope="module")
def guide() -> Guide:
    names = [name for name in DOCUMENTS if (DOCS / f"{name}.md").is_file()]
    return Guide({name: (DOCS / f"{name}.md").read_text(encoding="utf-8") for name in names})


def test_a_document_is_cut_at_its_headings_of_the_second_level_and_not_in_code() -> None:
    chapters = list(chapters_of("book", TEXT))

    assert [[heading.anchor for heading in one.headings] for one in chapters] == [
        ["first-steps", "deeper"],
        ["first-steps-1"],
    ]
    assert "# no heading" in chapters[0].markdown


def test_anchors_are_those_of_the_places_that_show_markdown() -> None:
    assert anchor_of("The sandbox's Stripe") == "the-sandboxs-stripe"
    assert anchor_of("8. Postfix, in front and `behind`") == "8-postfix-in-front-and-behind"


def test_a_place_leads_to_its_chapter_and_an_unknown_one_to_the_beginning() -> None:
    guide = Guide({"book": TEXT})

    assert guide.chapter_at(Place("book", "deeper")) is guide.chapters[0]
    assert guide.chapter_at(Place("book", "nowhere")) is guide.chapters[0]
    assert guide.chapter_at(Place("other")) is None


def test_a_search_finds_sections_with_every_word_those_with_it_in_the_heading_first() -> None:
    found = Guide({"book": TEXT}).search("STEPS one")

    assert [one.place.anchor for one in found] == ["first-steps", "first-steps-1"]
    assert Guide({"book": TEXT}).search("deeper")[0].title == "Deeper"
    assert not Guide({"book": TEXT}).search("first nothing")
    assert not Guide({"book": TEXT}).search("  ")


def test_a_search_finds_words_with_and_without_their_accents_and_marks_hold_punctuation() -> None:
    guide = Guide({"book": "# Livre\n\n## Élevé\n\nUn cœur\u202f: là.\n"})

    assert [one.title for typed in ("eleve", "ÉLEVÉ", "coeur") for one in guide.search(typed)] == ["Élevé"] * 3
    assert guide.search("la")[0].snippet == "Un cœur\u202f: là."


def test_an_english_place_leads_to_the_heading_that_stands_there_in_the_translation() -> None:
    french = (
        TEXT.replace("First *steps*", "Premiers *pas*").replace("Deeper", "Plus loin").replace("First steps", "Fin")
    )

    guide = Guide({"book": french, "other": "# Other\n\n## First steps\n\nText.\n"}, {"book": TEXT})

    assert guide.place_here(Place("book", "deeper")) == Place("book", "plus-loin")
    assert guide.chapter_at(Place("book", "first-steps-1")) is guide.chapters[1]
    assert guide.chapter_at(Place("book", "fin")) is guide.chapters[1]
    assert guide.place_here(Place("other", "first-steps")) == Place("other", "first-steps")
    assert (guide.is_translated("book"), guide.is_translated("other")) == (True, False)


def test_a_translation_names_links_and_pictures_as_the_documents_above_it_do() -> None:
    text = "[a](../server.md#x) [b](#y) [d](backups.md) ![c](../images/p.png) ![e](images/q.png) `](.` ../z"

    assert as_from_above(text, "fr") == (
        "[a](server.md#x) [b](#y) [d](backups.md) ![c](images/p.png) ![e](fr/images/q.png) `](.` ../z"
    )


def test_chapters_are_neighbours_in_their_order() -> None:
    guide = Guide({"book": TEXT})

    assert guide.neighbour(guide.chapters[0], 1) is guide.chapters[1]
    assert guide.neighbour(guide.chapters[0], -1) is None


@pytest.mark.parametrize(
    ("link", "place"),
    [
        ("#keys", Place("user-guide", "keys")),
        ("server.md", Place("server")),
        ("./server.md#3-the-database", Place("server", "3-the-database")),
        ("decisions.md", None),
        ("https://docs.stripe.com", None),
        ("../README.md", None),
        ("file:///etc/passwd", None),
    ],
)
def test_a_link_leads_into_the_guide_or_nowhere(link: str, place: Place | None) -> None:
    assert link_target(link, "user-guide") == place


@pytest.mark.parametrize(
    "address",
    [
        "http://docs.stripe.com/",
        "https://docs.stripe.com.evil.example/",
        "https://docs.stripe.com@evil.example/",
        "https://user@docs.stripe.com/",
        "https://docs.stripe.com:8443/",
        "https://evil.example/docs.stripe.com",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "smtpy:",
        "https://[",
        "",
    ],
)
def test_addresses_of_nobody_known_are_not_opened(address: str) -> None:
    assert not may_open(address)


def test_addresses_of_those_who_are_known_are_opened() -> None:
    assert may_open("https://docs.stripe.com/webhooks#test")


def test_every_link_and_picture_of_the_guide_is_there(guide: Guide) -> None:
    anchors = {(one.document, heading.anchor) for one in guide.chapters for heading in one.headings}
    for chapter in guide.chapters:
        for link in re.findall(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)", chapter.markdown):
            place = link_target(link, chapter.document)
            if place is not None and place.anchor:
                assert (place.document, place.anchor) in anchors, f"{chapter.title}: {link}"
            elif place is None and ":" in link:
                assert may_open(link), f"{chapter.title}: {link}"
        for picture in re.findall(r"!\[[^\]]*\]\(([^)\s]+)\)", chapter.markdown):
            assert (DOCS / picture).is_file(), f"{chapter.title}: {picture}"
