"""Searches find words however they are typed: capitals, accents, ligatures, apostrophes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.folded_text import folded, places_of, telling


@pytest.mark.parametrize("typed", ["élevé", "ELEVE", "e\u0301leve\u0301", "Eleve"])
def test_accents_and_capitals_make_no_difference(typed: str) -> None:
    assert folded(typed) == "eleve"


def test_ligatures_and_apostrophes_are_found_as_they_are_typed() -> None:
    assert folded("Cœur d\u2019Œuvre") == folded("coeur d'oeuvre")


def test_what_is_found_is_the_piece_of_the_text_itself() -> None:
    text = "Les Sœurs, sœur après sœur"

    found = [text[start:end] for start, end in places_of(folded("soeur"), text)]

    assert found == ["Sœur", "sœur", "sœur"]


def test_short_words_show_no_place_unless_there_is_nothing_else() -> None:
    assert telling(["relais", "de", "messagerie"]) == ["messagerie", "relais"]
    assert telling(["of", "a"]) == ["of", "a"]


@given(before=st.text(max_size=20), wanted=st.text(min_size=1, max_size=8), after=st.text(max_size=20))
def test_every_piece_that_is_found_compares_as_what_was_looked_for(before: str, wanted: str, after: str) -> None:
    text, searched = f"{before}{wanted}{after}", folded(wanted)

    found = [text[start:end] for start, end in places_of(searched, text)]

    assert all(searched in folded(piece) for piece in found)
    assert bool(found) == (searched != "" and searched in "".join(folded(letter) for letter in text))
