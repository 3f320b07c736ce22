"""A language for tests: every text of the program with accents, in brackets, and by two fifths longer."""

from __future__ import annotations

import math
import string
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from PySide6.QtWidgets import QApplication

from smtpy_desktop.views.widgets.texts import CatalogueTranslator
from tools.translations import source_texts

OPENING, CLOSING = "[", "]"
LONGER = 0.4
_PADDING = "·ẋẏż"
_WORD = 8
_ACCENTS = str.maketrans("aceginorsuyzACEINOSUYZ", "áçéğíñóřšúýžÀÇÈÌÑÒŠÙÝŽ")


def pseudo(text: str) -> str:
    """Return a template in the language, with the same values in it: ``Add {n}`` gives ``[Àdd {n} ·ẋẏ]``."""
    parts = []
    for literal, name, spec, _ in string.Formatter().parse(text):
        parts.append(literal.translate(_ACCENTS).replace("{", "{{").replace("}", "}}"))
        if name is not None:
            parts.append("{" + name + (f":{spec}" if spec else "") + "}")
    said = sum(len(literal) for literal, *_ in string.Formatter().parse(text))
    longer = max(0, math.ceil(said * LONGER) - len(OPENING) - len(CLOSING))
    # Every few characters it can be broken, like the words themselves.
    padding = "".join(" " if at % _WORD == 0 else _PADDING[at % len(_PADDING)] for at in range(longer))
    return f"{OPENING}{''.join(parts)}{padding}{CLOSING}"


def pseudo_catalogue() -> Mapping[str, str | list[str]]:
    """Return every text of the program in the language."""
    return {
        source: [pseudo(form) for form in source.split("\n")] if _is_plural(source) else pseudo(source)
        for source in source_texts()
    }


@contextmanager
def speaking_pseudo(app: QApplication) -> Iterator[None]:
    """Let windows that are made meanwhile speak the language."""
    translator = CatalogueTranslator("en", pseudo_catalogue())
    app.installTranslator(translator)
    try:
        yield
    finally:
        app.removeTranslator(translator)


def _is_plural(source: str) -> bool:
    """Plural texts are kept as two forms in one key, one line each; other texts have no line breaks."""
    return source.count("\n") == 1
