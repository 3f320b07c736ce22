"""The rules of the house hold, and each of them catches what it is there for."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tools.house_rules import LONGEST_FILE, RULES, check_developer_files, check_package
from tools.import_rules import COMPOSITION_ROOT
from tools.source_module import PACKAGE, SourceModule

ROOT = Path(__file__).resolve().parents[2]

# Assembled, so that this file does not hold what it looks for.
REGISTRIES = ("py" + "pi.org", "python" + "hosted.org", "index" + "-url", "find" + "-links", "npm" + "js.org")
MACHINE_PATHS = ("/work" + r"/(?:main|shared)", "/root" + r"/\w", "/home" + r"/\w+/", "/srv" + "/project")


def broken_rules(tmp_path: Path, path: str, source: str) -> list[str]:
    """Return the names of the rules that one file breaks."""
    file = tmp_path / PACKAGE / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(source if source.startswith('"""') else f'"""A file."""\n{source}\n', encoding="utf-8")
    module = SourceModule(tmp_path, f"{PACKAGE}/{path}")
    return [violation.rule for rule in RULES for violation in rule(module)]


def test_the_package_keeps_every_rule():
    assert [str(violation) for violation in check_package(ROOT)] == []


def test_the_developers_programs_keep_the_rules_for_any_code():
    assert [str(violation) for violation in check_developer_files(ROOT)] == []


@pytest.mark.parametrize(
    ("path", "statement"),
    [
        ("views/a_view.py", "from smtpy_desktop.database import domains_database"),
        ("views/a_view.py", "from smtpy_desktop.gateways.dns_gateway import DnsGateway"),
        ("views/a_view.py", "import sqlalchemy"),
        ("views/a_view.py", "from stripe import StripeClient"),
        ("views/a_view.py", "def f() -> None:\n    import keyring"),
        ("listeners/a_listener.py", "from smtpy_desktop.database.engine import make_engine"),
        ("listeners/a_listener.py", "from smtpy_desktop.commands import domains_command"),
        ("commands/a_command.py", "from smtpy_desktop.views import a_view"),
        ("commands/a_command.py", "import smtpy_desktop.database.engine"),
        ("controllers/a_controller.py", "from smtpy_desktop.runtime.task_runner import TaskRunner"),
        ("controllers/a_controller.py", "from smtpy_desktop.sandbox import samples"),
        ("controllers/a_controller.py", "from sqlalchemy import select"),
        ("controllers/a_controller.py", "import dns.resolver"),
        ("database/a_database.py", "from smtpy_desktop.core import dns_verdict"),
        ("database/a_database.py", "from ..controllers import a_controller"),
        ("gateways/a_gateway.py", "from sqlalchemy.ext.asyncio import AsyncSession"),
        ("gateways/a_gateway.py", "from smtpy_desktop.database.models import Domain"),
        ("core/a.py", "from smtpy_desktop.database import engine"),
        ("core/a.py", "import asyncio"),
        ("core/a.py", "import urllib.request"),
        ("core/a.py", "import aiohttp"),
        ("schemas/a.py", "from smtpy_desktop.errors import FieldError"),
        ("errors.py", "from smtpy_desktop.core import dns_name"),
        ("changes.py", "from smtpy_desktop.errors import Cancelled"),
        ("runtime/a.py", "from smtpy_desktop.controllers import a_controller"),
        ("attic/a.py", "import this"),
    ],
)
def test_an_import_across_the_layers_is_refused(tmp_path, path, statement):
    assert "imports" in broken_rules(tmp_path, path, statement)


@pytest.mark.parametrize(
    ("path", "statement"),
    [
        ("app.py", "from smtpy_desktop.database import engine\nfrom smtpy_desktop.sandbox import samples"),
        ("views/a_view.py", "from PySide6.QtCore import Qt\nfrom smtpy_desktop.runtime.task_runner import TaskRunner"),
        ("controllers/a_controller.py", "from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker"),
        ("database/a_database.py", "from sqlalchemy import select\nfrom smtpy_desktop.errors import NotFoundError"),
        ("gateways/a_gateway.py", "import asyncio\nimport dns.asyncquery"),
        ("core/a.py", "import urllib.parse\nimport idna\nfrom smtpy_desktop.errors import FieldError"),
    ],
)
def test_an_import_that_the_table_allows_is_accepted(tmp_path, path, statement):
    assert broken_rules(tmp_path, path, statement) == []


def test_only_the_composition_root_imports_the_sandbox():
    statement = re.compile(rf"^\s*(from|import) {PACKAGE}\.sandbox", re.MULTILINE)

    importers = {
        path.relative_to(ROOT / PACKAGE).as_posix()
        for path in (ROOT / PACKAGE).rglob("*.py")
        if "sandbox" not in path.parts and statement.search(path.read_text(encoding="utf-8"))
    }

    assert importers <= {f"{name}.py" for name in COMPOSITION_ROOT}


def test_controllers_know_gateways_by_their_protocols(tmp_path):
    gateway = tmp_path / PACKAGE / "gateways/dns_gateway.py"
    gateway.parent.mkdir(parents=True)
    gateway.write_text("class Resolving(Protocol): ...\nclass DnsGateway: ...\n", encoding="utf-8")
    start = "from smtpy_desktop.gateways.dns_gateway import "

    assert broken_rules(tmp_path, "controllers/a_controller.py", start + "Resolving") == []
    assert broken_rules(tmp_path, "controllers/a_controller.py", start + "DnsGateway") == ["imports"]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("commands/a_command.py", "import PySide6.QtCore"),
        ("runtime/async_thread.py", "from PySide6.QtCore import QObject"),
        ("sandbox/dns_server.py", "from PySide6.QtCore import QObject"),
        ("views/a_view.py", "import asyncio\nfrom PySide6.QtCore import QObject"),
        ("app.py", "import asyncio\nfrom PySide6.QtCore import QObject"),
    ],
)
def test_qt_stays_in_its_rooms_and_meets_asyncio_in_runtime_only(tmp_path, path, source):
    assert "qt" in broken_rules(tmp_path, path, source)


def test_the_bridge_and_the_sandbox_page_may_use_qt(tmp_path):
    both = "import asyncio\nfrom PySide6.QtCore import QObject"

    assert broken_rules(tmp_path, "runtime/task_runner.py", both) == []
    assert broken_rules(tmp_path, "sandbox/zone_page.py", "from PySide6.QtCore import QObject") == []


@pytest.mark.parametrize(
    ("rule", "path", "source"),
    [
        ("exec", "views/a_view.py", "dialog.exec()"),
        ("exec", "sandbox/zone_page.py", "QMenu().exec_()"),
        ("labels", "views/a_view.py", "label = QLabel('<b>')"),
        ("labels", "views/a_view.py", "label = QtWidgets.QLabel('<b>')"),
        ("labels", "views/a_view.py", "class Mine(QLabel):\n    'A label.'"),
        ("labels", "views/a_view.py", "QMessageBox.warning(None, 'a', 'b')"),
        ("labels", "views/a_view.py", "editor.setHtml(subject)"),
        ("labels", "views/a_view.py", "browser.setOpenExternalLinks(True)"),
        ("browser", "views/a_view.py", "QDesktopServices.openUrl(url)"),
        ("commit", "database/a_database.py", "session.commit()"),
        ("print", "controllers/a_controller.py", "print('here')"),
        ("theme", "views/a_view.py", "colour = '#2F5BEA'"),
        ("items", "views/a_view.py", "layout.itemAt(0)"),
        ("theme", "views/a_view.py", "widget.setStyleSheet('color: red')"),
        ("theme", "app.py", "app.setStyleSheet('')"),
        ("theme", "views/a_view.py", "colour = Qt.GlobalColor.red"),
        ("names", "core/utils.py", ""),
        ("names", "core/a.py", "import smtpy_desktop.errors as errors_module"),
        ("names", "core/a.py", "from smtpy_desktop.errors import FieldError as Error"),
        ("docstring", "core/a.py", "def public() -> None:\n    return None"),
        ("docstring", "core/a.py", "class Public:\n    pass"),
        ("docstring", "core/a.py", "class Public:\n    'A class.'\n    def method(self) -> None:\n        return None"),
        ("types", "core/a.py", "def _f(a) -> None:\n    return None"),
        ("types", "core/a.py", "def _f(*a: int, **b) -> None:\n    return None"),
        ("types", "core/a.py", "def _f():\n    return None"),
        ("length", "core/a.py", "def _f() -> None:\n" + "    pass\n" * 60),
        ("length", "core/a.py", "a = 1\n" * (LONGEST_FILE + 1)),
    ],
)
def test_a_bad_example_is_caught(tmp_path, rule, path, source):
    assert rule in broken_rules(tmp_path, path, source)


def test_a_file_without_a_docstring_is_caught(tmp_path):
    file = tmp_path / PACKAGE / "core/a.py"
    file.parent.mkdir(parents=True)
    file.write_text("a = 1\n", encoding="utf-8")

    assert [violation.rule for violation in check_package(tmp_path)] == ["docstring"]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("app.py", "application.exec()"),
        ("views/widgets/label.py", "class Label(QLabel):\n    'A label.'"),
        ("views/theme.py", "colour = '#2F5BEA'\napplication.setStyleSheet('')"),
        ("commands/a_command.py", "print('ready')"),
        ("controllers/a_controller.py", "db.commit()"),
        ("views/a_view.py", "class Model:\n    'A model.'\n    def rowCount(self) -> int:\n        return 0"),
        ("views/a_view.py", "colour = Qt.GlobalColor.transparent\nanchor = '#12 is a number, #address a place'"),
        ("core/a.py", "def _private() -> None:\n" + "    pass\n" * 59),
    ],
)
def test_what_a_rule_allows_is_accepted(tmp_path, path, source):
    assert broken_rules(tmp_path, path, source) == []


def tracked_texts() -> list[tuple[str, str]]:
    """Return every file that git keeps and that is text."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no clone, so nothing is tracked")
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    texts = []
    for name in filter(None, listing.split("\0")):
        content = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b""
        if b"\0" not in content:
            texts.append((name, content.decode("utf-8", "replace")))
    return texts


@pytest.mark.parametrize("pattern", [*map(re.escape, REGISTRIES), *MACHINE_PATHS, re.escape(f"{ROOT}/")])
def test_no_tracked_file_names_a_registry_or_a_place_on_one_machine(pattern):
    found = [name for name, content in tracked_texts() if re.search(pattern, content)]

    assert found == []


def test_the_makefile_has_every_command():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))

    assert targets >= {"run", "test", "check", "setup", "tour", "bench", "clean"}


def test_ci_runs_the_tests_and_then_the_checks():
    lines = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()

    assert [line for line in lines if line.startswith("make ")] == ["make test", "make check"]
