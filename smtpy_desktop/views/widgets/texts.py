"""Texts in the user's language: looked up by their English source, then filled in."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLocale, QObject, QTranslator

from smtpy_desktop.schemas.text import Text
from smtpy_desktop.views.resource_files import resource_path

_CONTEXT = "SMTPy"
_log = logging.getLogger(__name__)

# Which plural form a language uses for a number (https://unicode.org/cldr/charts/latest/supplemental/language_plural_rules.html).
_PLURAL_FORMS: Mapping[str, Callable[[int], int]] = {"fr": lambda n: 0 if n < 2 else 1}


def _germanic_plural(n: int) -> int:
    return 0 if n == 1 else 1


def tr(template: str, /, **values: object) -> str:
    """Return the translation of a literal English template with the values filled in."""
    return _fill(QCoreApplication.translate(_CONTEXT, template), template, values)


def tr_n(one: str, many: str, /, n: int, **values: object) -> str:
    """Return the text for ``n`` things; both templates may use ``{n}``, which is written as the locale does."""
    values = {"n": number(n), **values}
    source = plural_key(one, many)
    found = QCoreApplication.translate(_CONTEXT, source, None, n)
    english = one if n == 1 else many
    return _fill(english if found == source else found, english, values)


def translated(text: Text) -> str:
    """Return a ``Text`` of the lower layers in the user's language."""
    values = {key: translated(value) if isinstance(value, Text) else value for key, value in text.values.items()}
    return tr(text.template, **values)


def number(value: int) -> str:
    """Return a whole number with the locale's thousands separators."""
    return QLocale().toString(value)


def decimal(value: float, places: int = 1) -> str:
    """Return a number with its fraction as the locale writes it: "0.4", "0,4"."""
    return QLocale().toString(value, "f", places)


def plural_key(one: str, many: str) -> str:
    """Return the key under which a catalogue holds the plural forms of a text."""
    return f"{one}\n{many}"


class CatalogueTranslator(QTranslator):
    """Serves one language from a JSON object of English source to translation (a list for plural forms)."""

    def __init__(self, language: str, texts: Mapping[str, str | list[str]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._texts = texts
        self._plural_form = _PLURAL_FORMS.get(language, _germanic_plural)

    def translate(self, context: str, source: str, disambiguation: str | None = None, n: int = -1) -> str | None:
        """Return the translation, or None to let Qt go on looking."""
        if context != _CONTEXT:
            return None
        found = self._texts.get(source)
        if isinstance(found, list):
            return found[min(self._plural_form(n), len(found) - 1)] if found else None
        return found

    def isEmpty(self) -> bool:
        """Say whether nothing is translated (Qt skips empty translators)."""
        return not self._texts


def load_translator(language: str, parent: QObject | None = None) -> CatalogueTranslator | None:
    """Read the catalogue of a language such as ``fr``; None when there is none (English needs none)."""
    path = resource_path("translations", f"{language}.json")
    return CatalogueTranslator(language, _read_catalogue(path), parent) if path.is_file() else None


def _read_catalogue(path: Path) -> dict[str, str | list[str]]:
    data = json.loads(path.read_text(encoding="utf-8"))
    return {str(source): value for source, value in data.items() if value}


def _fill(template: str, english: str, values: Mapping[str, object]) -> str:
    try:
        return template.format(**values)
    except (KeyError, IndexError, ValueError):
        if template == english:
            raise
        # A slip in a translation must not take the window down.
        _log.error("translation with wrong placeholders: %r", template)
        return english.format(**values)
