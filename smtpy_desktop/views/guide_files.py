"""Where the guide's files are: in the package beside the program, and in a clone in ``docs/``."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from smtpy_desktop.core.guide_text import DOCUMENTS, Guide


@cache
def guide_directory() -> Path:
    """Return the directory of the guide's documents and pictures."""
    package = Path(str(files("smtpy_desktop")))
    packaged = package / "guide"
    return packaged if packaged.is_dir() else package.parent / "docs"


@cache
def read_guide() -> Guide:
    """Read the guide; a document that is missing is left out."""
    texts = {}
    for name in DOCUMENTS:
        path = guide_directory() / f"{name}.md"
        if path.is_file():
            texts[name] = path.read_text(encoding="utf-8")
    return Guide(texts)


def picture(name: str, *, is_dark: bool) -> Path | None:
    """Return a picture of the guide (``images/rule-light.png``), in the theme that is seen where there is one."""
    directory = guide_directory().resolve()
    wanted = name.replace("-light.", "-dark.") if is_dark else name
    for candidate in (wanted, name):
        path = (directory / candidate).resolve()
        if path.is_file() and path.is_relative_to(directory):
            return path
    return None
