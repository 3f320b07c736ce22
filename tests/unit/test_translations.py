"""The French catalogue says everything that the sources say, with the same values in it."""

from __future__ import annotations

import pytest

from tools.translations import CATALOGUES, placeholders, read_catalogue, source_texts

FRENCH = read_catalogue(CATALOGUES / "fr.json")


def test_every_text_is_translated_into_french() -> None:
    missing = sorted(source for source in source_texts() if not FRENCH.get(source))

    assert missing == []


def test_the_catalogue_holds_nothing_that_no_source_says() -> None:
    left_over = sorted(FRENCH.keys() - source_texts())

    assert left_over == []


@pytest.mark.parametrize("source", sorted(FRENCH))
def test_a_translation_has_the_values_of_its_source(source: str) -> None:
    translation = FRENCH[source]
    forms = translation if isinstance(translation, list) else [translation]

    allowed = placeholders(source)

    for form in forms:
        assert placeholders(form) <= allowed
        if not isinstance(translation, list):
            assert placeholders(form) == allowed
