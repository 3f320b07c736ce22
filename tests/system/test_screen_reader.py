"""What a screen reader is told of the running program: everything that says or does something has a role and a name."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.clusters import remove_clusters_of
from tests.system.screen_reader import ScreenReader, Seen
from tests.system.session_bus import Session, wait_until

LAUNCHER = "/usr/libexec/at-spi-bus-launcher"
pytestmark = [pytest.mark.system("Xvfb", "dbus-daemon", LAUNCHER), pytest.mark.timeout(180)]

# They only hold others; a screen reader passes over them where they have no name.
LAYOUT = frozenset(("filler", "panel", "layered pane", "separator"))


@pytest.fixture
def session() -> Iterator[Session]:
    session = Session(activates=True)
    session.start_bus()
    yield session
    session.end()


@pytest.fixture
def display() -> Iterator[str]:
    xvfb = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1440x900x24", "-nolisten", "tcp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert xvfb.stdout is not None
    yield f":{xvfb.stdout.readline().decode().strip()}"
    xvfb.terminate()
    xvfb.wait(10)
    xvfb.stdout.close()


@pytest.fixture
def program(session: Session, display: str, short_directory: Path) -> Iterator[str]:
    """Give the bus that a program with sample data has been started on, as on a desktop with a screen reader."""
    profile = short_directory / "screen-reader"
    profile.mkdir(mode=0o711)
    environment = {
        **os.environ,
        **session.environment,
        "DISPLAY": display,
        "QT_QPA_PLATFORM": "xcb",
        "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "smtpy_desktop", "--profile", str(profile), "sandbox"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield session.environment["DBUS_SESSION_BUS_ADDRESS"]
    process.terminate()
    process.wait(60)
    remove_clusters_of(profile)


def test_a_screen_reader_is_told_the_role_and_name_of_everything_in_the_window(program: str) -> None:
    reader = ScreenReader(program)
    seen: list[Seen] = []

    def has_its_pages() -> bool:
        seen[:] = [each for root in reader.programs().values() for each in reader.walk(root)]
        return any(each.role == "table" for each in seen)

    wait_until(has_its_pages, 120)
    reader.close()

    assert len(seen) > 40
    assert [each for each in seen if each.is_focusable and not each.name] == []
    assert [each for each in seen if not each.name and each.role not in LAYOUT | {"label"}] == []
    assert {each.role for each in seen if not each.role or each.role in ("unknown", "invalid")} == set()
    assert {"push button", "table", "text", "heading", "frame"} <= {each.role for each in seen}
