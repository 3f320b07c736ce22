"""Where the bundled files (fonts, icons, translations) are, in the source tree and when installed."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def resource_path(*parts: str) -> Path:
    """Return the path of a bundled file such as ``resource_path("icons", "world.svg")``."""
    return Path(str(files("smtpy_desktop") / "resources")).joinpath(*parts)
