"""What the documents tell to type: every command of ours is one that the program takes."""

from __future__ import annotations

import re
import shlex
from dataclasses import MISSING, fields
from pathlib import Path
from typing import NoReturn

import pytest

from smtpy_desktop.commands.frame import Invocation
from smtpy_desktop.commands.main_command import cli, without_json
from smtpy_desktop.errors import UserFacingError

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
_INLINE = re.compile(r"`(smtpy-desktop [^`…]+)`")
_IN_UNITS = re.compile(r"smtpy-desktop (--[^\n]+)")


def documented() -> list[str]:
    """Return every command of the server's guide and of what is handed out in ``deploy``, once."""
    units = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
    guide = (ROOT / "docs" / "server.md").read_text(encoding="utf-8")
    lines = [line.strip() for block in _BLOCK.findall(guide) for line in block.splitlines()]
    found = [line for line in lines if line.startswith("smtpy-desktop ")] + _INLINE.findall(guide)
    written = "\n".join(unit.read_text(encoding="utf-8") for unit in units)
    found += [f"smtpy-desktop {one}".replace("%i", "1") for one in _IN_UNITS.findall(written)]
    options = (ROOT / "deploy/systemd/forwarder.env").read_text(encoding="utf-8")
    found += [f"smtpy-desktop forwarder {one}" for one in re.findall(r"FORWARDER_OPTIONS=(.*)", options)]
    return list(dict.fromkeys(one.replace("$FORWARDER_OPTIONS", "") for one in found))


class Understood(Exception):
    """The command line was taken, and work would begin."""


def begin_nothing(*arguments: object, **named: object) -> NoReturn:
    raise Understood


@pytest.mark.parametrize("line", documented())
def test_a_documented_command_is_taken(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mail.eml").write_bytes(b"Subject: Hello\r\n\r\n")
    monkeypatch.chdir(tmp_path)
    ways_in = [field.name for field in fields(Invocation) if field.default is field.default_factory is MISSING]
    invocation = Invocation(**dict.fromkeys(ways_in, begin_nothing))
    words = without_json(shlex.split(line)[1:])

    with pytest.raises((Understood, UserFacingError)):
        cli.main(args=words, standalone_mode=False, obj=invocation)


def test_the_guide_tells_every_step_from_the_installation_to_the_first_mail() -> None:
    told = " ".join(documented())

    for step in ("migrate --roles", "settings set mail.hostname", "domains add", "aliases add", "forwarder --listen"):
        assert step in told
