"""Texts are looked up by their English source and stay readable when a translation is missing or wrong."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from smtpy_desktop.schemas.text import text
from smtpy_desktop.views.widgets.texts import CatalogueTranslator, plural_key, tr, tr_n, translated

CATALOGUE: dict[str, str | list[str]] = {
    "Domains": "Domaines",
    "{name} is gone": "{name} n’existe plus",
    "Broken {name}": "Cassé {nom}",
    plural_key("{n} alias", "{n} aliases"): ["{n} alias", "{n} alias"],
    plural_key("{n} day", "{n} days"): ["{n} jour", "{n} jours"],
}


@pytest.fixture
def _french(qapp: QApplication) -> Iterator[None]:
    translator = CatalogueTranslator("fr", CATALOGUE)
    qapp.installTranslator(translator)
    yield
    qapp.removeTranslator(translator)


def test_source_is_the_text_where_there_is_no_translation() -> None:
    assert tr("{name} is gone", name="a {b}") == "a {b} is gone"
    assert [tr_n("{n} day", "{n} days", n) for n in (0, 1, 2)] == ["0 days", "1 day", "2 days"]


@pytest.mark.usefixtures("_french")
def test_translation_is_filled_in() -> None:
    assert tr("Domains") == "Domaines"
    assert tr("{name} is gone", name="x") == "x n’existe plus"
    assert tr("Unknown text") == "Unknown text"


@pytest.mark.usefixtures("_french")
def test_plural_follows_the_language() -> None:
    assert [tr_n("{n} day", "{n} days", n) for n in (0, 1, 2)] == ["0 jour", "1 jour", "2 jours"]
    assert tr_n("{n} alias", "{n} aliases", 0) == "0 alias"


@pytest.mark.usefixtures("_french")
@pytest.mark.expects_log("wrong placeholders")
def test_wrong_translation_falls_back_to_english() -> None:
    assert tr("Broken {name}", name="x") == "Broken x"


@pytest.mark.usefixtures("_french")
def test_text_inside_a_text_is_translated_too() -> None:
    assert translated(text("{name} is gone", name=text("Domains"))) == "Domaines n’existe plus"
