"""The packaged program in a small Debian that has no Python: ``make package-test`` alone runs this (some minutes).

The tests follow one another as an administrator's days do: install the older one, work, upgrade, work, remove.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.helpers.small_debian import USER, USER_ID, LonelyNetwork, SmallDebian
from tools.package_checks import MOST_BYTES, tree_size

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "build" / "package"
TRIAL = BUILT / "trial"
PROGRAM = "smtpy-desktop"
LIBRARY = f"/usr/lib/{PROGRAM}"
PROFILE = f"/home/{USER}/.local/share/{PROGRAM}"
OLDER_BY = 3
FEWEST_STEPS = 46

pytestmark = [pytest.mark.timeout(900), pytest.mark.skipif(os.geteuid() != 0, reason="needs root to make a system")]


@pytest.fixture(scope="module")
def debs() -> Path:
    found = sorted(BUILT.glob("*.deb"))
    if not found:
        pytest.fail("there is no package: run make package first")
    return found[-1]


@pytest.fixture(scope="module")
def network() -> Iterator[LonelyNetwork]:
    network = LonelyNetwork()
    yield network
    network.close()


@pytest.fixture(scope="module")
def debian(network: LonelyNetwork) -> Iterator[SmallDebian]:
    if shutil.which("debootstrap") is None:
        pytest.skip("needs debootstrap (sudo apt-get install debootstrap)")
    system = SmallDebian.make(TRIAL / "system", TRIAL / "base", network)
    yield system
    system.close()


@pytest.fixture(scope="module")
def older(debian: SmallDebian, debs: Path) -> tuple[str, ...]:
    """Install the package as an older version would be, which knows fewer migrations; return those it lacks."""
    stage = TRIAL / "older"
    shutil.rmtree(stage, ignore_errors=True)
    subprocess.run(["dpkg-deb", "-R", debs, stage], check=True)
    versions = sorted((stage / LIBRARY[1:] / "_internal" / "migrations" / "versions").glob("[0-9]*.py"))
    for path in versions[-OLDER_BY:]:
        path.unlink()
    control = stage / "DEBIAN" / "control"
    text = control.read_text(encoding="utf-8")
    version = text.partition("\nVersion: ")[2].partition("\n")[0]
    control.write_text(text.replace(f"Version: {version}", f"Version: {version}~older"), encoding="utf-8")
    target = debian.directory / "tmp" / "older.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "--build", stage, target], check=True)
    shutil.rmtree(stage)
    debian.install("/tmp/older.deb")
    return tuple(path.stem for path in versions[-OLDER_BY:])


@pytest.fixture(scope="module")
def installed(debian: SmallDebian, debs: Path, older: tuple[str, ...]) -> SmallDebian:
    """Work with the older version, then install this one over it."""
    for arguments in (("organizations", "add", "Bakery", "info@bakery.example"), ("domains", "add", "bakery.example")):
        outcome = debian.as_user(PROGRAM, *arguments)
        assert outcome.status == 0, outcome.errors
    assert older[0] not in debian.as_user(PROGRAM, "--json", "migrate").output
    shutil.copy(debs, debian.directory / "tmp" / "package.deb")
    debian.install("/tmp/package.deb", "xvfb", "xdotool", "x11-apps", "dbus", "gnome-keyring")
    return debian


def wait_for(condition: Callable[[], object], seconds: float = 30) -> object:
    """Return what the condition gives once it is true."""
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, "it did not come to that"
        time.sleep(0.05)
    return found


def test_what_is_handed_out_has_the_checksums_told(debs):
    sums = dict(reversed(line.split()) for line in (BUILT / "SHA256SUMS").read_text(encoding="ascii").splitlines())

    found = {name: hashlib.sha256((BUILT / name).read_bytes()).hexdigest() for name in sums}

    assert found == sums
    assert {Path(name).suffix for name in sums} == {".deb", ".gz", ".json"}


def test_the_entry_of_the_menu_and_the_description_are_valid():
    share = BUILT / "share"

    entry = subprocess.run(
        ["desktop-file-validate", *share.glob("applications/*.desktop")], capture_output=True, text=True, check=False
    )
    description = subprocess.run(
        ["appstreamcli", "validate", "--no-net", "--pedantic", *share.glob("metainfo/*.xml")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (entry.returncode, entry.stdout + entry.stderr) == (0, "")
    assert description.returncode == 0, description.stdout
    assert "W: " not in description.stdout
    assert "E: " not in description.stdout


def test_there_is_an_icon_of_every_size():
    from PySide6.QtGui import QImage

    sizes = (16, 22, 24, 32, 48, 64, 128, 256, 512)
    folder = BUILT / "share" / "icons" / "hicolor"

    drawn = [QImage(str(folder / f"{size}x{size}" / "apps" / "smtpy-desktop.png")) for size in sizes]

    assert [(image.width(), image.height()) for image in drawn] == [(size, size) for size in sizes]
    assert (folder / "scalable" / "apps" / "smtpy-desktop.svg").is_file()


def test_the_older_version_brings_no_python_and_does_not_know_the_newest_schema(older, debian):
    found = [path for path in debian.directory.rglob("python3*") if LIBRARY not in str(path) and path.is_file()]

    outcome = debian.as_user(PROGRAM, "--json", "selftest")

    assert found == []
    assert older[-1] not in outcome.output


def test_the_upgrade_brings_the_older_database_to_the_newest_schema_and_keeps_its_data(installed, older):
    domains = installed.as_user(PROGRAM, "--json", "domains", "list")
    schema = installed.as_user(PROGRAM, "--json", "migrate")

    assert [domain["name"] for domain in domains.data["items"]] == ["bakery.example"]
    assert schema.data["found"] == older[-1]
    assert schema.data["pending"] == []


def test_nothing_of_the_package_is_writable_by_others_or_too_big(installed):
    tree = installed.directory / LIBRARY[1:]
    writable = [
        path
        for path in tree.rglob("*")
        if not path.is_symlink() and (path.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH) or path.stat().st_uid != 0)
    ]

    assert writable == []
    assert tree_size(tree) <= MOST_BYTES


def test_every_part_is_listed_with_its_licence_and_the_text_of_it(installed):
    inner = installed.directory / LIBRARY[1:] / "_internal"
    parts = json.loads((inner / "parts.json").read_text(encoding="utf-8"))
    listed = json.loads(next(BUILT.glob("*.cdx.json")).read_text(encoding="utf-8"))

    without = [part["name"] for part in parts if not part["licence"] or not part["texts"]]
    missing = [text for part in parts for text in part["texts"] if not (inner / "licences" / text).is_file()]

    assert without == []
    assert missing == []
    assert {component["purl"] for component in listed["components"]} == {part["address"] for part in parts}
    assert {"Python", "Qt", "PostgreSQL", "PySide6_Essentials", "psycopg"} <= {part["name"] for part in parts}


def test_the_self_test_finds_every_part_well(installed):
    assert installed.as_user(PROGRAM, "settings", "set", "dns.resolvers", "127.0.0.1:53").status == 0

    outcome = installed.as_user(PROGRAM, "--json", "selftest")

    states = {part["part"]: part["state"] for part in outcome.data["parts"]}
    assert outcome.status == 0, outcome.output
    assert {"qt", "database", "migrations", "resolver 127.0.0.1:53"} <= {
        part for part, state in states.items() if state == "ok"
    }


def test_the_keyring_of_the_desktop_is_found(installed):
    script = (
        "printf secret | gnome-keyring-daemon --unlock --components=secrets >/dev/null && "
        f"{PROGRAM} --profile ~/with-keyring --json selftest"
    )

    outcome = installed.as_user("dbus-run-session", "--", "sh", "-c", script)

    states = {part["part"]: part for part in outcome.data["parts"]}
    assert states["keyring"]["state"] == "ok", outcome.output
    assert states["master-key"]["state"] == "ok"


def test_help_comes_without_the_window(installed):
    outcome = installed.as_user("env", "LD_DEBUG=files", PROGRAM, "--help")

    assert outcome.status == 0
    assert "Commands:" in outcome.output
    assert "libQt6" not in outcome.errors


def test_the_whole_tour_runs(installed):
    outcome = installed.as_user(PROGRAM, "tour", seconds=300)

    assert outcome.status == 0, outcome.output + outcome.errors
    steps = [line for line in outcome.output.splitlines() if line.partition(".")[0].strip().isdigit()]
    assert len(steps) >= FEWEST_STEPS
    assert (installed.home / "build" / "tour" / "report.html").is_file()
    wait_for(lambda: not database_servers(installed))


def database_servers(system: SmallDebian) -> list[int]:
    return [pid for pid, program in system.processes() if program.name == "postgres"]


@pytest.fixture(scope="module")
def display(installed: SmallDebian) -> Iterator[dict[str, str]]:
    server = installed.start(["Xvfb", ":7", "-screen", "0", "1440x900x24", "-nolisten", "tcp"])
    wait_for((installed.directory / "tmp" / ".X11-unix" / "X7").exists)
    yield {"DISPLAY": ":7"}
    server.terminate()
    server.communicate(timeout=20)


@pytest.fixture
def window(installed: SmallDebian, display: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Open the window and yield its process once it is seen."""
    process = installed.start([PROGRAM, "--profile", f"/home/{USER}/window"], environment=display)
    found = installed.as_user("xdotool", "search", "--sync", "--onlyvisible", "--name", "SMTPy", environment=display)
    assert found.status == 0, found.errors
    yield process
    if process.poll() is None:
        process.terminate()
    process.communicate(timeout=60)


def test_the_window_opens_on_a_display_and_closes_cleanly(window, installed, display):
    picture = installed.as_user("xwd", "-root", "-silent", "-out", f"/home/{USER}/window.xwd", environment=display)

    window.terminate()
    output, errors = window.communicate(timeout=60)

    assert picture.status == 0, picture.errors
    assert window.returncode == 0, output + errors
    wait_for(lambda: not database_servers(installed))


def test_libraries_come_from_the_package_and_the_system_alone(window, installed):
    lines = Path(f"/proc/{window.pid}/maps").read_text(encoding="utf-8").splitlines()
    mapped = {line.split(maxsplit=5)[5] for line in lines if len(line.split(maxsplit=5)) == 6 and ".so" in line}

    places = {str(Path("/") / Path(path).relative_to(installed.directory)) for path in mapped if "/" in path}
    assert any(path.startswith(LIBRARY) for path in places)
    assert {path for path in places if not path.startswith((LIBRARY, "/usr/lib/", "/lib/"))} == set()


POISON = "open('/tmp/poisoned', 'w').write(__name__)\n"


def test_neither_the_current_directory_nor_pythonpath_feeds_imports(installed):
    poison = installed.directory / "tmp" / "poison"
    for name in ("sitecustomize", "usercustomize", "click", "json", "encodings", "sqlalchemy", "smtpy_desktop", "os"):
        for path in (poison / f"{name}.py", poison / name / "__init__.py"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(POISON, encoding="utf-8")
    poison.chmod(0o777)
    variables = {
        "PYTHONPATH": "/tmp/poison",
        "PYTHONHOME": "/tmp/poison",
        "PYTHONSTARTUP": "/tmp/poison/os.py",
        "PYTHONPLATLIBDIR": "/tmp/poison",
    }

    outcome = installed.as_user(PROGRAM, "--json", "domains", "list", environment=variables, cwd="/tmp/poison")

    assert outcome.status == 0, outcome.errors
    assert not (installed.directory / "tmp" / "poisoned").exists()


@pytest.fixture
def start_service(installed: SmallDebian) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a command that stays, and end it afterwards."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        started.append(installed.start([PROGRAM, "--json", *arguments]))
        return started[-1]

    yield start
    for service in started:
        service.kill()
        service.communicate()


def first_answer(service: subprocess.Popen[str]) -> dict[str, object]:
    assert service.stdout is not None
    assert service.stderr is not None
    line = service.stdout.readline()
    assert line, service.stderr.read()
    answer = json.loads(line)
    assert isinstance(answer, dict)
    return answer


def test_services_run_side_by_side_and_end_when_they_are_told(installed, start_service):
    assert installed.as_user(PROGRAM, "settings", "set", "mail.hostname", "mx.bakery.example").status == 0
    commands = (("forwarder", "--listen", "127.0.0.1:0"), ("forwarder", "--listen", "127.0.0.1:0"), ("listener",))
    services = [start_service(*command) for command in commands]

    ready = [first_answer(service) for service in services]
    for service in services:
        service.terminate()
    ended = [service.wait(timeout=60) for service in services]

    assert len({str(line) for line in ready}) == 3
    assert ended == [0, 0, 0]


def test_the_database_server_does_not_look_for_libraries_in_the_package(installed, start_service):
    first_answer(start_service("listener"))
    (file,) = (installed.directory / PROFILE[1:] / "postgres").rglob("postmaster.pid")

    # The server's first process: those that it starts write their title over their variables.
    variables = Path(f"/proc/{file.read_text(encoding='ascii').split()[0]}/environ").read_bytes()

    assert b"PATH=" in variables
    assert b"LD_LIBRARY_PATH" not in variables


def test_the_archive_runs_from_anywhere_and_after_it_was_moved(installed):
    archive = next(BUILT.glob("*.tar.gz"))
    place = installed.home / "my programs"
    place.mkdir()
    subprocess.run(["tar", "-xzf", archive, "-C", place], check=True)
    (unpacked,) = place.iterdir()
    moved = unpacked.rename(place / "moved")
    os.chown(place, USER_ID, USER_ID)
    inside = f"/{(moved / PROGRAM).relative_to(installed.directory)}"

    outcome = installed.as_user(inside, "--profile", "/tmp/of-archive", "--json", "selftest")

    states = {part["part"]: part["state"] for part in outcome.data["parts"]}
    assert states["qt"] == states["database"] == states["migrations"] == "ok", outcome.output
    assert "smtpy-desktop" in (moved / "README.txt").read_text(encoding="utf-8")
    shutil.rmtree(place)


def test_removal_leaves_nothing_but_peoples_data_and_ends_what_ran_from_it(installed, start_service):
    first_answer(start_service("listener"))
    assert database_servers(installed)

    installed.as_root("apt-get", "-q", "remove", "-y", PROGRAM)

    left = [path for path in (installed.directory / "usr").rglob("*") if PROGRAM in path.name]
    assert left == []
    assert (installed.directory / PROFILE[1:] / "postgres").is_dir()
    wait_for(lambda: not database_servers(installed))
