"""What is packed up for support says a lot, and no secret, however it is spelt."""

from __future__ import annotations

import io
import json
import os
import stat
import zipfile
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.controllers import support_bundle_controller
from smtpy_desktop.controllers.support_bundle_controller import SupportSources
from smtpy_desktop.core.support_redaction import for_support, packed, spellings
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.export_files import DiskFiles
from smtpy_desktop.gateways.log_files import LogFiles
from smtpy_desktop.gateways.private_files import PrivateFiles
from smtpy_desktop.schemas.about import Component
from smtpy_desktop.schemas.health import HealthState, PartHealth
from smtpy_desktop.schemas.support_bundle import SupportBundle
from smtpy_desktop.schemas.text import text

CANARY = 'Canary"of \\the password'


async def healthy() -> AsyncIterator[PartHealth]:
    yield PartHealth(
        "database", HealthState.OK, text("user {name} signs in with {word}", name="x@y.example", word=CANARY)
    )


def sources_in(directory: Path) -> SupportSources:
    logs = directory / "logs"
    logs.mkdir()
    line = {"at": "2026-03-01T12:00:00.000+00:00", "level": "error", "logger": "x", "process": 1, "text": CANARY}
    (logs / "window.log").write_text(f"{json.dumps(line)}\n{CANARY} in a damaged line for anna@example.org\n")
    return SupportSources(
        machine={"program": "1.0", "home": CANARY},
        components=lambda: (Component("Python", "3.11", "PSF-2.0"),),
        config={"server": {"host": "db.example.net", "note": CANARY}},
        files=lambda: [{"name": f"backup of {CANARY}"}],
        secrets=lambda: [CANARY, ""],
        logs=LogFiles(logs, lambda: directory / "server.log"),
        check_health=healthy,
        store=DiskFiles(),
        problem=UserFacingError("DATABASE_UNAVAILABLE", text("No answer to {word}.", word=CANARY)),
    )


def contents(bundle: SupportBundle) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(packed(bundle))) as archive:
        return {name.partition("/")[2]: archive.read(name).decode() for name in archive.namelist()}


async def test_without_a_database_everything_else_is_packed_up(tmp_path: Path) -> None:
    bundle = await support_bundle_controller.gather(sources_in(tmp_path))

    parts = contents(bundle)
    assert list(parts) == [
        "README.txt",
        "about.json",
        "config.json",
        "profile.json",
        "database.json",
        "health.json",
        "logs/window.jsonl",
    ]
    assert json.loads(parts["about.json"])["components"] == {"Python": "3.11"}
    assert json.loads(parts["database.json"])["code"] == "DATABASE_UNAVAILABLE"
    assert len(parts["logs/window.jsonl"].splitlines()) == 2


async def test_no_part_holds_a_secret_or_whose_address_it_is(tmp_path: Path) -> None:
    bundle = await support_bundle_controller.gather(sources_in(tmp_path))

    everything = "\n".join(contents(bundle).values())
    assert "Canary" not in everything
    assert "anna@" not in everything
    assert everything.count("***@") == 2
    assert "db.example.net" in everything


async def test_a_part_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    def refuse() -> Iterable[dict[str, object]]:
        raise PermissionError("not for you")

    bundle = await support_bundle_controller.gather(replace(sources_in(tmp_path), files=refuse))

    parts = contents(bundle)
    assert "not for you" in parts["profile.json"]
    assert "health.json" in parts


async def test_what_is_saved_is_what_was_seen(tmp_path: Path) -> None:
    bundle = await support_bundle_controller.gather(sources_in(tmp_path))

    size = await support_bundle_controller.save(DiskFiles(), bundle, tmp_path / "bundle.zip")

    saved = (tmp_path / "bundle.zip").read_bytes()
    assert (len(saved), saved) == (size, packed(bundle))


async def test_nobody_but_its_owner_may_read_the_bundle(tmp_path: Path) -> None:
    bundle = await support_bundle_controller.gather(sources_in(tmp_path))
    path = tmp_path / "bundle.zip"

    await support_bundle_controller.save(PrivateFiles(), bundle, path)

    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600  # noqa: PTH116


async def test_a_bundle_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    bundle = await support_bundle_controller.gather(sources_in(tmp_path))

    with pytest.raises(UserFacingError):
        await support_bundle_controller.save(DiskFiles(), bundle, tmp_path / "nowhere" / "bundle.zip")

    assert os.listdir(tmp_path) == ["logs"]  # noqa: PTH208


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Nd"], exclude_characters="*"), min_size=4, max_size=30),
    st.text("0123456789 ", max_size=20),
)
def test_a_known_secret_is_taken_out_wherever_it_stands_and_however_it_is_written(secret: str, around: str) -> None:
    for written in (secret, json.dumps(secret), json.dumps(secret, ensure_ascii=False), quote(secret, safe="")):
        left = for_support(f"{around}{written}{around}", spellings([secret]))

        assert secret.strip() not in left or not secret.strip()
        assert json.dumps(secret)[1:-1] not in left


def test_very_short_secrets_do_not_hide_everything() -> None:
    assert spellings(["", "a", "abc"]) == frozenset()
