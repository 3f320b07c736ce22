"""Qt is asked for its health in a process of its own, from the source and from the package."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from smtpy_desktop.gateways.qt_probe import probe_qt
from smtpy_desktop.schemas.health import HealthState


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Pretend to be the packaged program, which does what a test says when it is started."""
    program = tmp_path / "smtpy-desktop"

    def does(script: str) -> None:
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        program.chmod(0o755)
        monkeypatch.setattr(sys, "frozen", True, raising=False)
        monkeypatch.setattr(sys, "executable", str(program))

    return does


def test_the_source_loads_qt():
    health = probe_qt()

    assert health.state is HealthState.OK
    assert "PySide6 6" in str(health.message)


def test_the_package_is_asked_by_a_word_of_its_own(package):
    package('[ "$*" = --probe-qt ] && echo 6.11.3')

    assert str(probe_qt().message) == "PySide6 6.11.3"


def test_a_library_that_is_missing_is_told_with_what_to_do(package):
    package("echo libGL.so.1: cannot open shared object file >&2; exit 1")

    health = probe_qt()

    assert health.state is HealthState.PROBLEM
    assert "libGL.so.1" in str(health.message)
    assert health.hint is not None
