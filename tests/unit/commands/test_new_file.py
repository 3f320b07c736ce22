"""A file is written over only by those who say so, and needs a name."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from smtpy_desktop.commands.new_file import NamedFile, require_new
from smtpy_desktop.errors import UserFacingError


def test_a_file_that_is_there_is_only_replaced_when_that_is_wanted(tmp_path: Path) -> None:
    file = tmp_path / "there.json"
    file.touch()

    with pytest.raises(UserFacingError, match="there already") as caught:
        require_new(file, replace=False)

    assert caught.value.code == "FILE_EXISTS"
    assert "--replace" in str(caught.value.hint)
    require_new(file, replace=True)
    require_new(tmp_path / "new.json", replace=False)


@pytest.mark.parametrize("name", ["", " "])
def test_an_empty_name_is_told_as_such(name: str) -> None:
    with pytest.raises(click.BadParameter, match="it is empty"):
        NamedFile().convert(name, None, None)


def test_the_name_is_taken_as_it_stands() -> None:
    assert NamedFile(path_type=Path).convert("a b.zip", None, None) == Path("a b.zip")
    assert NamedFile(allow_dash=True).convert("-", None, None) == "-"
