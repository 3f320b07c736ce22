"""Small files survive a power cut at every call that writing them makes: there is the old one or the new one."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from smtpy_desktop.config import Config, load_config, save_config
from smtpy_desktop.paths import Profile
from smtpy_desktop.whole_file import write_whole

_CALLS: tuple[tuple[Any, str], ...] = (
    (tempfile, "mkstemp"), (os, "fdopen"), (os, "fsync"), (os, "open"), (os, "close"),
    (Path, "mkdir"), (Path, "replace"), (Path, "unlink"), (Path, "read_text"),
)  # fmt: skip
_MOST_CALLS = 100


class PowerCut(BaseException):
    """Nothing is called any more."""


class Power:
    """Goes off at the call of this number, and stays off."""

    def __init__(self, last: int) -> None:
        self._left = last

    def let(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def through(*arguments: Any, **named: Any) -> Any:
            self._left -= 1
            if self._left < 0:
                raise PowerCut
            return call(*arguments, **named)

        return through


@contextmanager
def power(last: int) -> Iterator[None]:
    """Let so many calls happen within the block."""
    supply = Power(last)
    with pytest.MonkeyPatch.context() as patch:
        for owner, name in _CALLS:
            patch.setattr(owner, name, supply.let(getattr(owner, name)))
        yield


def survives(write: Callable[[], object], check: Callable[[], object]) -> int:
    """Cut the power at the first call, the second … until the writing ends; return how many calls it made."""
    for last in range(_MOST_CALLS):
        try:
            with power(last):
                write()
        except PowerCut:
            check()
        else:
            return last
    raise AssertionError("the writing never ends")


@pytest.mark.parametrize("old", ["old", ""])
def test_a_file_is_the_old_or_the_new_one_whenever_the_power_goes(tmp_path: Path, old: str) -> None:
    path = tmp_path / "settings.json"
    new = "new " * 10_000

    def check() -> None:
        assert path.read_text(encoding="utf-8") in (old, new)
        path.write_text(old, encoding="utf-8")

    path.write_text(old, encoding="utf-8")
    calls = survives(lambda: write_whole(path, new), check)

    assert calls >= 5
    assert path.read_text(encoding="utf-8") == new
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_configuration_can_be_read_whenever_the_power_went(tmp_path: Path) -> None:
    profile, old, new = Profile(tmp_path / "profile"), Config(theme="dark"), Config(theme="light", first_run_done=True)
    profile.create()
    save_config(profile, old)

    def check() -> None:
        assert load_config(profile) in (old, new)
        save_config(profile, old)

    calls = survives(lambda: save_config(profile, new), check)

    assert calls >= 10
    assert load_config(profile) == new


@pytest.mark.parametrize("kept", range(0, 60, 7))
def test_a_configuration_cut_short_is_replaced_by_its_copy(tmp_path: Path, kept: int) -> None:
    profile, old = Profile(tmp_path / "profile"), Config(theme="dark")
    profile.create()
    save_config(profile, old)
    save_config(profile, Config(theme="light"))

    profile.config_file.write_bytes(profile.config_file.read_bytes()[:kept])

    assert load_config(profile) == old
