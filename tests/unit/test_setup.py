"""The set-up behind the Makefile: when it acts, what it refuses, and what it says."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from smtpy_desktop.core.guide_text import DOCUMENTS
from tools import package_contents, setup, system_packages
from tools.setup import Environment, SetupError
from tools.system_packages import Need

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Make a clone with the two files that the set-up reads; its path has a blank, as people's paths have."""
    root = tmp_path / "my clone"
    root.mkdir()
    (root / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    (root / "constraints.txt").write_text("click==8.5.1\n", encoding="utf-8")
    return root


@pytest.fixture
def pip_calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Replace what takes minutes: make a hollow environment and write down what pip was asked for."""
    calls: list[tuple[str, ...]] = []

    def make(directory: Path) -> None:
        programs = directory / "bin"
        programs.mkdir()
        (directory / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}").mkdir(parents=True)
        (programs / "python").touch()
        (programs / "pip").write_text(f"#!{programs}/python\n", encoding="utf-8")

    monkeypatch.setattr(setup, "_make_environment", make)
    monkeypatch.setattr(Environment, "_pip", lambda _self, *arguments: calls.append(arguments))
    return calls


def test_a_new_clone_is_not_ready(clone):
    assert not Environment(clone).is_ready()


def test_what_was_set_up_is_ready_and_stays_so(clone, pip_calls):
    Environment(clone).install()

    assert Environment(clone).is_ready()
    assert not Environment(clone).unfinished.exists()
    assert [call[0] for call in pip_calls] == ["install", "install"]


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_a_change_of_what_is_needed_asks_for_a_new_set_up(clone, pip_calls, name):
    Environment(clone).install()

    (clone / name).write_text("changed\n", encoding="utf-8")

    assert not Environment(clone).is_ready()


def test_a_changed_need_keeps_the_environment_and_what_is_in_it(clone, pip_calls):
    Environment(clone).install()
    kept = clone / ".venv" / "lib" / "kept"
    kept.touch()
    (clone / "constraints.txt").write_text("changed\n", encoding="utf-8")

    Environment(clone).install()

    assert kept.exists()
    assert Environment(clone).is_ready()


def test_a_set_up_that_was_killed_starts_afresh(clone, pip_calls, monkeypatch):
    def killed(_self: Environment, *_arguments: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Environment, "_pip", killed)
        with pytest.raises(KeyboardInterrupt):
            Environment(clone).install()
    half_made = clone / ".venv" / "lib" / "half-made"
    half_made.touch()
    assert not Environment(clone).is_ready()

    Environment(clone).install()

    assert not half_made.exists()
    assert Environment(clone).is_ready()


def test_a_clone_that_was_moved_gets_a_new_environment(clone, pip_calls):
    Environment(clone).install()
    old = clone / ".venv" / "lib" / "old"
    old.touch()
    moved = clone.rename(clone.with_name("moved"))
    assert not Environment(moved).is_ready()

    Environment(moved).install()

    assert not (moved / ".venv" / "lib" / "old").exists()


def test_everything_is_installed_by_its_pinned_version(clone, pip_calls):
    Environment(clone).install()

    assert pip_calls[0] == ("install", "setuptools")
    assert pip_calls[1][-2:] == ("--editable", ".[dev]")


def test_a_failing_pip_is_explained(clone, monkeypatch):
    failed = subprocess.CompletedProcess[str]([], 1)
    monkeypatch.setattr(setup.subprocess, "run", lambda *_a, **_k: failed)

    with pytest.raises(SetupError, match="give the same command again"):
        Environment(clone)._pip("install", "click")


def test_an_old_python_is_refused_with_the_newer_one_named(monkeypatch):
    monkeypatch.setattr(setup.shutil, "which", lambda name: "/there" if name == "python3.12" else None)

    with pytest.raises(SetupError, match=r"needs Python 3\.11 or newer; python3 here is 3\.9\.\n.*PYTHON=python3\.12"):
        setup.check_python((3, 9))


def test_an_old_python_alone_gets_the_advice_to_install_one(monkeypatch):
    monkeypatch.setattr(setup.shutil, "which", lambda _name: None)

    with pytest.raises(SetupError, match="apt-get install python3"):
        setup.check_python((3, 10))


def test_python_3_11_is_new_enough():
    setup.check_python((3, 11))


LIBRARY = Need("libGL.so.1", "libgl1", required=True)
PROGRAM = Need("xdotool", "xdotool", required=False)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pretend to be a machine that has none of the libraries and programs."""
    monkeypatch.setattr(system_packages, "is_loadable", lambda _soname: False)
    monkeypatch.setattr(system_packages.shutil, "which", lambda _program, path=None: None)
    monkeypatch.setattr(system_packages.sys, "platform", "linux")


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("purpose", ["setup", "run", "test", "tour", "bench"])
def test_qt_libraries_are_needed_wherever_qt_is_loaded(purpose):
    needs = system_packages.missing_needs(purpose, {})

    assert {need.package for need in needs if need.required} >= set(system_packages.QT_LIBRARIES.values())


@pytest.mark.usefixtures("bare")
def test_the_checks_need_no_library_of_the_system():
    assert system_packages.missing_needs("check", {}) == []


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(("environment", "required"), [({}, True), ({"DISPLAY": ":0"}, False)])
def test_a_window_needs_a_virtual_display_only_where_there_is_no_real_one(environment, required):
    needs = {need.name: need for need in system_packages.missing_needs("run", environment)}

    assert needs["Xvfb"].required is required


@pytest.mark.usefixtures("bare")
def test_a_program_that_would_push_another_one_out_is_not_brought(monkeypatch):
    def find(name, path=None):
        return "/usr/sbin/sendmail" if name == "sendmail" else None

    monkeypatch.setattr(system_packages.shutil, "which", find)

    assert "postfix" not in {need.name for need in system_packages.missing_needs("test", {})}


@pytest.mark.usefixtures("bare")
def test_programs_for_system_tests_are_wanted_and_not_required():
    needs = [need for need in system_packages.missing_needs("test", {}) if need.name in system_packages.TEST_PROGRAMS]

    assert {need.name for need in needs} == set(system_packages.TEST_PROGRAMS)
    assert not any(need.required for need in needs)


def test_the_advice_is_a_command_that_can_be_copied(monkeypatch):
    monkeypatch.setattr(system_packages.shutil, "which", lambda program: "/there" if program == "apt-get" else None)

    advice = system_packages.advice([LIBRARY, PROGRAM])

    assert "Missing on this machine: libGL.so.1, xdotool." in advice
    assert "    sudo apt-get install libgl1 xdotool\n" in advice


def test_the_advice_on_fedora_names_libraries_and_programs_by_what_they_provide(monkeypatch):
    monkeypatch.setattr(system_packages.shutil, "which", lambda program: "/there" if program == "dnf" else None)

    advice = system_packages.advice([LIBRARY, PROGRAM])

    assert "    sudo dnf install 'libGL.so.1()(64bit)' /usr/bin/xdotool\n" in advice


def missing_after_install(monkeypatch: pytest.MonkeyPatch, *needs: Need) -> None:
    monkeypatch.setattr(system_packages, "missing_needs", lambda _purpose, _environment: list(needs))
    monkeypatch.setattr(system_packages, "install", lambda needs, _purpose: needs)


def test_a_missing_library_stops_with_the_advice(monkeypatch, capsys):
    missing_after_install(monkeypatch, LIBRARY)

    assert setup.main(["run"]) == 1
    assert "sudo apt-get install libgl1" in capsys.readouterr().err


def test_missing_programs_of_system_tests_are_named_and_do_not_stop(monkeypatch, capsys):
    missing_after_install(monkeypatch, PROGRAM)

    setup.provide_system("test")

    assert "Tests that need xdotool will be skipped" in capsys.readouterr().out


def test_nothing_is_installed_where_it_may_not(monkeypatch):
    monkeypatch.setattr(system_packages, "apt_get_command", lambda: None)

    assert system_packages.install([LIBRARY], "run") == [LIBRARY]


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Write down what would be run on the system; the first installation fails."""
    ran: list[list[str]] = []

    def run(command: list[str], *, tell: bool = False) -> bool:
        ran.append(command)
        return len(ran) > 1

    monkeypatch.setattr(system_packages, "_run_quietly", run)
    return ran


def test_package_lists_are_read_only_after_a_failed_installation(commands):
    assert system_packages._apt_install(["env", "A=b", "apt-get"], ["libgl1"])

    assert [" ".join(command) for command in commands] == [
        "env A=b apt-get install -y --no-install-recommends libgl1",
        "env DEBIAN_FRONTEND=noninteractive dpkg --configure -a",
        "env A=b apt-get update",
        "env A=b apt-get install -y --no-install-recommends libgl1",
    ]


def test_every_package_folder_is_listed_for_installation():
    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"])
    inside = {".".join(path.relative_to(ROOT).parent.parts) for path in (ROOT / "smtpy_desktop").rglob("*.py")}

    beside = {"smtpy_desktop.guide", "smtpy_desktop.migrations", "smtpy_desktop.migrations.versions"}
    assert listed == inside | beside


def test_the_guide_is_installed_as_the_window_shows_it():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    shipped = set(project["tool"]["setuptools"]["package-data"]["smtpy_desktop.guide"])

    languages = {path.parent.name for path in (ROOT / "docs").glob("*/*.md")}
    translations = {f"{language}/{each}" for language in languages for each in ("*.md", "images/*.png")}
    assert languages
    assert shipped == {f"{name}.md" for name in DOCUMENTS} | {"images/*.png"} | translations


def test_the_package_holds_every_translation_of_the_guide_below_it():
    placed = dict(package_contents.guide_files(ROOT))

    assert placed[str(ROOT / "docs" / "user-guide.md")] == "smtpy_desktop/guide"
    assert placed[str(ROOT / "docs" / "fr" / "user-guide.md")] == "smtpy_desktop/guide/fr"
    assert placed[str(ROOT / "docs" / "images" / "rule-dark.png")] == "smtpy_desktop/guide/images"


def test_every_dependency_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = [*project["dependencies"], *project["optional-dependencies"]["dev"], setup.BUILD_REQUIREMENT]
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").lower().replace("_", "-").splitlines()
    pinned = {line.partition("==")[0] for line in pins if "==" in line}

    names = {name.replace("_", "-").lower().partition(">=")[0].partition("[")[0] for name in needed}

    assert names <= pinned
