"""The registry of installations: nothing is lost to damage, to two writers, or to a deletion that was not meant."""

from __future__ import annotations

import json
import multiprocessing
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.controllers import profiles_controller
from smtpy_desktop.core.profile_registry import add_entry, change_entry, format_registry, is_name, parse_registry
from smtpy_desktop.errors import ConflictError, FieldError, NotFoundError, UserFacingError
from smtpy_desktop.gateways.file_lock import FileLock
from smtpy_desktop.gateways.profile_files import DiskProfileFiles
from smtpy_desktop.schemas.profiles import ProfileColor, ProfileEntry, ProfileKind
from tests.helpers.profile_tools import WrittenDownTools


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "profiles.json"


@pytest.fixture
def tools(tmp_path: Path, path: Path) -> WrittenDownTools:
    return WrittenDownTools(DiskProfileFiles(path), tmp_path / "default")


@pytest.fixture
def production(tmp_path: Path) -> ProfileEntry:
    return ProfileEntry("Production", tmp_path / "production", ProfileColor.RED, ProfileKind.PRODUCTION)


def filled(directory: Path, *names: str) -> None:
    for name in names:
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text("x")


def names_in(path: Path) -> list[str]:
    return [entry.name for entry in DiskProfileFiles(path).read().entries]


async def test_what_was_added_is_found_by_name_and_the_default_is_always_there(
    tools: WrittenDownTools, production: ProfileEntry
) -> None:
    await profiles_controller.add_profile(tools, production)

    rows, problem = await profiles_controller.list_profiles(tools)

    assert problem is None
    assert [(row.entry.name, row.is_default, row.is_registered) for row in rows] == [
        ("Default", True, False),
        ("Production", False, True),
    ]
    assert rows[1].entry == production
    assert production.directory.stat().st_mode & 0o777 == 0o700


async def test_the_default_profile_takes_a_name_of_its_own(tools: WrittenDownTools, production: ProfileEntry) -> None:
    changed = await profiles_controller.change_profile(tools, "default", new_name="Mine", kind=ProfileKind.TEST)

    assert (changed.name, changed.directory, changed.kind) == ("Mine", tools.default, ProfileKind.TEST)
    assert [entry.name for entry in tools.files.read().entries] == ["Mine"]


async def test_no_two_profiles_share_a_name_or_a_directory(tools: WrittenDownTools, production: ProfileEntry) -> None:
    await profiles_controller.add_profile(tools, production)

    with pytest.raises(FieldError, match="already") as name:
        await profiles_controller.add_profile(tools, ProfileEntry("PRODUCTION", tools.default))
    with pytest.raises(FieldError, match="this directory") as place:
        await profiles_controller.add_profile(tools, ProfileEntry("Other", production.directory))

    assert (name.value.field, place.value.field) == ("name", "directory")
    assert not tools.default.exists()


@pytest.mark.parametrize("place", ["production/inside", "."])
async def test_no_profile_lies_inside_another(
    tools: WrittenDownTools, production: ProfileEntry, tmp_path: Path, place: str
) -> None:
    await profiles_controller.add_profile(tools, production)

    with pytest.raises(FieldError, match="inside each other") as refused:
        await profiles_controller.add_profile(tools, ProfileEntry("Other", (tmp_path / place).resolve()))

    assert refused.value.field == "directory"


async def test_a_list_that_may_not_be_read_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    registry = DiskProfileFiles(tmp_path / "file" / "profiles.json").read()

    assert registry.entries == ()
    assert registry.problem is not None


async def test_a_sandbox_that_is_open_keeps_its_profile(tools: WrittenDownTools, production: ProfileEntry) -> None:
    await profiles_controller.add_profile(tools, production)
    filled(production.directory, "config.json", "postgres/x", "sandbox/postgres/x")

    with FileLock(production.directory / "sandbox" / "window.lock"), pytest.raises(ConflictError):
        await profiles_controller.delete_profile(tools, "Production", "Production")

    assert tools.removed == []
    assert (production.directory / "config.json").exists()


async def test_forgetting_deletes_nothing(tools: WrittenDownTools, production: ProfileEntry) -> None:
    await profiles_controller.add_profile(tools, production)
    filled(production.directory, "config.json", "postgres/data/x")

    removed = await profiles_controller.remove_profile(tools, "production")

    assert (removed.entry, removed.is_data_deleted) == (production, False)
    assert (production.directory / "postgres" / "data" / "x").exists()
    assert (tools.removed, tools.kept_keys) == ([], [])
    with pytest.raises(NotFoundError):
        await profiles_controller.remove_profile(tools, "production")


@pytest.mark.parametrize("typed", ["", "production", "Prod", "Productions"])
async def test_data_goes_only_when_the_name_is_typed_exactly(
    tools: WrittenDownTools, production: ProfileEntry, typed: str
) -> None:
    await profiles_controller.add_profile(tools, production)
    filled(production.directory, "config.json")

    with pytest.raises(FieldError, match="not the name"):
        await profiles_controller.delete_profile(tools, "Production", typed)

    assert (production.directory / "config.json").exists()
    assert tools.kept_keys == []


async def test_only_what_the_program_made_is_deleted(tools: WrittenDownTools, production: ProfileEntry) -> None:
    await profiles_controller.add_profile(tools, production)
    filled(production.directory, "config.json", "postgres/x", "logs/window.log", "master.key", "thesis.odt")

    removed = await profiles_controller.delete_profile(tools, "Production", "Production")

    assert removed.left == ("thesis.odt",)
    assert [each.name for each in production.directory.iterdir()] == ["thesis.odt"]
    assert tools.removed == [production.directory / "postgres"]
    assert [entry.name for entry in tools.files.read().entries] == []


async def test_the_master_key_stays_with_what_only_it_can_read(
    tools: WrittenDownTools, production: ProfileEntry
) -> None:
    await profiles_controller.add_profile(tools, production)
    filled(production.directory, "backups/one.backup", "master.key", "config.json")

    removed = await profiles_controller.delete_profile(tools, "Production", "Production")

    assert removed.left == ("backups", "master.key")
    assert tools.kept_keys == [True]


async def test_a_database_on_a_server_keeps_its_master_key(tools: WrittenDownTools, production: ProfileEntry) -> None:
    tools.on_server = True
    await profiles_controller.add_profile(tools, production)
    filled(production.directory, "master.key", "config.json")

    removed = await profiles_controller.delete_profile(tools, "Production", "Production")

    assert removed.left == ("master.key",)
    assert tools.kept_keys == [True]


async def test_an_open_profile_is_not_deleted(tools: WrittenDownTools, production: ProfileEntry) -> None:
    await profiles_controller.add_profile(tools, production)
    filled(production.directory, "config.json")

    with FileLock(production.directory / "window.lock"), pytest.raises(ConflictError):
        await profiles_controller.delete_profile(tools, "Production", "Production")

    assert (production.directory / "config.json").exists()
    assert [entry.name for entry in tools.files.read().entries] == ["Production"]


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"\xff\xfe\x00", b"[" * 100_000, b"null", b'{"profiles": 7}', b"x" * 2_000_000]
)
def test_a_damaged_file_gives_way_to_its_copy_and_is_kept(
    path: Path, production: ProfileEntry, tmp_path: Path, damage: bytes
) -> None:
    files = DiskProfileFiles(path)
    files.change(add_entry(production))
    files.change(add_entry(ProfileEntry("Test", tmp_path / "test")))
    path.write_bytes(damage)

    read = files.read()
    files.change(add_entry(ProfileEntry("New", tmp_path / "new")))

    assert read.entries == (production,)
    assert read.problem is not None
    assert names_in(path) == ["Production", "New"]
    assert [each.read_bytes() for each in path.parent.glob("*.damaged-*")] == [damage]


def test_without_a_good_copy_nobody_is_stopped(path: Path, production: ProfileEntry) -> None:
    path.parent.mkdir()
    path.write_text("{")
    files = DiskProfileFiles(path)

    read = files.read()
    files.change(add_entry(production))

    assert read.entries == ()
    assert read.problem is not None
    assert files.read().entries == (production,)


@given(cut=st.integers(0, 400), junk=st.binary(max_size=20))
def test_any_truncation_is_either_whole_or_told(cut: int, junk: bytes) -> None:
    entries = [ProfileEntry(f"P{number}", Path(f"/data/{number}")) for number in range(3)]
    content = (format_registry(entries).encode()[:cut] + junk).decode("utf-8", "replace")

    try:
        registry = parse_registry(content)
    except ValueError:
        return

    assert set(registry.entries) <= set(entries)
    assert len(registry.entries) == len(entries) or registry.problem is not None


def test_entries_that_cannot_be_are_left_out_and_told() -> None:
    good = {"name": "Good", "directory": "/data/good"}
    bad = [{}, 7, None, {"name": "x/y", "directory": "/d"}, {"name": "R", "directory": "relative"},
           {"name": "Good", "directory": "/other"}, {"name": "Twin", "directory": "/data/good"},
           {"name": "C", "directory": "/c", "color": "mauve"}]  # fmt: skip

    registry = parse_registry(json.dumps({"profiles": [good, *bad]}))

    assert [entry.name for entry in registry.entries] == ["Good"]
    assert registry.problem is not None
    assert registry.problem.values["count"] == len(bad)


@pytest.mark.parametrize("name", ["", " ", "a/b", "a\\b", ".", "..", "~me", "-x", "a\nb", "a\u202eb", "x" * 41, " x"])
def test_what_could_be_mistaken_for_something_else_is_no_name(name: str) -> None:
    assert not is_name(name)


def test_a_full_disk_leaves_the_old_list(path: Path, production: ProfileEntry, monkeypatch: pytest.MonkeyPatch) -> None:
    files = DiskProfileFiles(path)
    files.change(add_entry(production))
    monkeypatch.setattr("os.fsync", _no_room)

    with pytest.raises(UserFacingError) as refused:
        files.change(change_entry("Production", lambda entry: ProfileEntry("Other", entry.directory)))

    assert refused.value.code == "PROFILES_NOT_SAVED"
    assert files.read().entries == (production,)
    assert {each.name for each in path.parent.iterdir()} <= {"profiles.json", "profiles.json.bak", "profiles.lock"}


def test_two_writers_lose_nothing_of_each_other(path: Path) -> None:
    processes = [
        multiprocessing.get_context("spawn").Process(target=_add_some, args=(path, letter)) for letter in ("a", "b")
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(30)

    assert sorted(names_in(path)) == sorted(f"{letter}{number}" for letter in "ab" for number in range(10))


def _add_some(path: Path, letter: str) -> None:
    files = DiskProfileFiles(path)
    for number in range(10):
        files.change(add_entry(ProfileEntry(f"{letter}{number}", path.parent / f"{letter}{number}")))


def _no_room(descriptor: int) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_a_pipe_in_the_place_of_the_list_holds_nobody_up(path: Path) -> None:
    path.parent.mkdir()
    os.mkfifo(path)

    registry = DiskProfileFiles(path).read()

    assert registry.problem is not None


@pytest.mark.parametrize("there", [("logs/of_something_else.log", "package.json"), ("config.json", "main.js")])
async def test_a_directory_of_something_else_becomes_no_profile(
    tools: WrittenDownTools, path: Path, production: ProfileEntry, there: tuple[str, ...]
) -> None:
    filled(production.directory, *there)

    with pytest.raises(ConflictError) as refused:
        await profiles_controller.add_profile(tools, production)

    assert refused.value.code == "PROFILE_FOREIGN"
    assert names_in(path) == []


@pytest.mark.parametrize("there", [(), ("logs/window.log", "backups/x.dump"), ("postgres/server/x", "notes.txt")])
async def test_a_directory_that_was_a_profile_becomes_one_again(
    tools: WrittenDownTools, path: Path, production: ProfileEntry, there: tuple[str, ...]
) -> None:
    filled(production.directory, *there)

    await profiles_controller.add_profile(tools, production)

    assert names_in(path) == ["Production"]


async def test_a_profile_of_a_server_is_known_by_its_configuration(
    tools: WrittenDownTools, path: Path, production: ProfileEntry
) -> None:
    filled(production.directory, "thesis.odt")
    (production.directory / "config.json").write_text('{"server": {}, "first_run_done": true}')

    await profiles_controller.add_profile(tools, production)

    assert names_in(path) == ["Production"]
