"""The guide's chapters can be linked to and searched, and nothing in it leads astray."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from smtpy_desktop.core.guide_text import DOCUMENTS, Guide, Place, anchor_of, chapters_of, link_target, may_open

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
