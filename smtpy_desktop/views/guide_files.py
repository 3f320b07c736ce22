"""Where the guide's files are: in the package beside the program, in a clone in ``docs/``; translations below."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from smtpy_desktop.core.guide_text import DOCUMENTS, Guide, as_from_above


@cache
def guide_directory() -> Path:
    """Return the directory of the guide's documents and pictures."""
    package = Path(str(files("smtpy_desktop")))
    packaged = package / "guide"
    return packaged if packaged.is_dir() else package.parent / "docs"


@cache
def read_guide(language: str = "") -> Guide:
    """Read the guide in a language ("fr"), in English what it lacks; a document that is missing is left out."""
    texts, originals = {}, {}
    for name in DOCUMENTS:
        original = _text_of(guide_directory() / f"{name}.md")
        translation = _text_of(guide_directory() / language / f"{name}.md") if language else None
        if original is not None and translation is not None:
            texts[name], originals[name] = as_from_above(translation, language), original
        elif original is not None:
            texts[name] = original
    return Guide(texts, originals)


def picture(name: str, *, is_dark: bool) -> Path | None:
    """Return a picture of the guide (``images/rule-light.png``), in the theme that is seen where there is one."""
    directory = guide_directory().resolve()
    wanted = name.replace("-light.", "-dark.") if is_dark else name
    for candidate in (wanted, name):
        path = (directory / candidate).resolve()
        if path.is_file() and path.is_relative_to(directory):
            return path
    return None


def _text_of(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
