"""The file that a command is given to write: it has a name, and none is written over by mistake."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.text import text

replace_option = click.option("--replace", is_flag=True, help="Write over a file that is there already.")
"""Lets a command write over a file; ``require_new`` holds it to that."""


class NamedFile(click.Path):
    """A path that is not empty, as it would be where a script's variable is not set."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path; refuse an empty one as wrong usage."""
        if isinstance(value, str) and not value.strip():
            self.fail("it is empty. Give the name of a file.", param, ctx)
        return super().convert(value, param, ctx)


def require_new(file: Path, *, replace: bool) -> None:
    """Raise UserFacingError when there is such a file already and it is not to be replaced."""
    if not replace and file.expanduser().is_file():
        raise UserFacingError(
            "FILE_EXISTS",
            text("{path} is there already.", path=str(file)),
            hint=text("Choose another name, or use --replace."),
        )
