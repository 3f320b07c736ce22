"""Who may import whom: the layers of the house as a table, and the check that holds every file against it."""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass, field
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from tools.source_module import PACKAGE, SourceModule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.source_module import Imported, Violation

ANYTHING = frozenset({"*"})
QT = frozenset({"PySide6", "shiboken6"})


@dataclass(frozen=True)
class Layer:
    """What the files of one layer may import: our other layers, libraries, and standard modules they may not."""

    ours: frozenset[str]
    libraries: frozenset[str] = frozenset()
    forbidden: frozenset[str] = field(default_factory=frozenset)


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_INPUT_OUTPUT = _names(
    "asyncio concurrent ftplib http imaplib multiprocessing os selectors shutil signal smtplib socket socketserver "
    "sqlite3 ssl subprocess tempfile threading urllib.request"
)
_PURE_LIBRARIES = _names("cryptography dns email_validator idna publicsuffixlist")

COMPOSITION_ROOT = (
    "app",
    "named_profiles",
    "installation",
    "installation_backups",
    "health",
    "listening",
    "forwarding",
    "forwarding_engine",
    "forwarding_service",
    "display",
    "printing",
    "support",
    "window_start",
    "window_app",
    "window_opening",
    "window_support",
    "window_forwarder",
    "window_notices",
    "window_notice_watch",
    "window_backups",
    "window_pages",
    "window_gallery",
    "window_settings",
    "window_profiles",
)
"""The files that put everything together (docs/decisions.md), the only ones that may import every layer."""

LAYERS = {
    "views": Layer(_names("controllers schemas core errors changes runtime views"), QT),
    "listeners": Layer(_names("controllers schemas core errors changes listeners"), _names("aiohttp"), _names("click")),
    "commands": Layer(_names("controllers schemas core errors changes commands"), _names("click"), _names("aiohttp")),
    "controllers": Layer(_names("core database gateways schemas errors changes controllers"), _names("sqlalchemy")),
    # Driver errors are translated once, in database/: so it knows errors and, for that alone, the driver.
    "database": Layer(_names("schemas errors database"), _names("sqlalchemy alembic psycopg")),
    "gateways": Layer(
        _names("schemas core errors gateways whole_file"), ANYTHING, _names("PySide6 shiboken6 sqlalchemy alembic")
    ),
    "schemas": Layer(_names("schemas"), frozenset(), _INPUT_OUTPUT),
    "errors": Layer(_names("schemas"), frozenset(), _INPUT_OUTPUT),
    "changes": Layer(_names("schemas"), frozenset(), _INPUT_OUTPUT),
    "core": Layer(_names("schemas errors changes core"), _PURE_LIBRARIES, _INPUT_OUTPUT),
    # Tasks hand on schemas/progress.py as they hand on errors.
    "runtime": Layer(_names("schemas errors changes runtime"), QT),
    # What must be known before there is a database; only the composition root reads it.
    "config": Layer(_names("schemas core errors paths whole_file"), _names("platformdirs")),
    "paths": Layer(_names("schemas core errors"), _names("platformdirs")),
    "whole_file": Layer(frozenset()),
    "logs": Layer(_names("schemas core errors paths")),
    # The stand-ins may use what they stand in for and what they fill with samples.
    "sandbox": Layer(
        _names("sandbox controllers core database gateways schemas errors changes runtime views whole_file"), ANYTHING
    ),
    **{name: Layer(ANYTHING, ANYTHING) for name in COMPOSITION_ROOT},
    "__main__": Layer(_names("app commands config paths logs schemas errors __init__"), _names("click")),
    "__init__": Layer(frozenset()),
}

QT_FILES = (
    "views/*",
    "runtime/task_runner.py",
    "runtime/change_bus.py",
    "runtime/quit_signals.py",
    "runtime/result_stream.py",
    "app.py",
    "printing.py",
    "window_app.py",
    "window_pages.py",
    "window_profiles.py",
    "window_notices.py",
    "window_support.py",
    "window_gallery.py",
    "sandbox/gallery*",
    "sandbox/*_page.py",
    "sandbox/*_view.py",
    "sandbox/tour*",
)
SESSION_TYPES = frozenset({"AsyncSession", "async_sessionmaker", "Session", "sessionmaker"})


def check_imports(module: SourceModule) -> Iterator[Violation]:
    """Hold a file's imports against the table."""
    layer = LAYERS.get(module.layer)
    if layer is None:
        yield module.violation(
            1, "imports", f"no layer is called {module.layer}; DESIGN names them, tools/import_rules.py, too"
        )
        return
    for imported in module.imports:
        if imported.top == PACKAGE:
            yield from _check_ours(module, layer, imported)
        else:
            yield from _check_foreign(module, layer, imported)
    yield from _check_qt(module)


def check_gateway_protocols(module: SourceModule) -> Iterator[Violation]:
    """Let controllers know gateways by their Protocols alone, so that tests and the sandbox can stand in."""
    if module.layer != "controllers":
        return
    for imported in module.imports:
        if not imported.module.startswith(f"{PACKAGE}.gateways"):
            continue
        if imported.name not in _protocols(SourceModule(module.root, imported.module.replace(".", "/") + ".py")):
            name = f"{imported.module}.{imported.name}".rstrip(".")
            yield module.violation(
                imported.line, "imports", f"controllers import Protocols from gateways, and {name} is none"
            )


def _check_ours(module: SourceModule, layer: Layer, imported: Imported) -> Iterator[Violation]:
    parts = imported.module.split(".")
    target = parts[1] if len(parts) > 1 else imported.name
    if target in ("", "__version__") or target == module.layer or "*" in layer.ours or target in layer.ours:
        return
    yield module.violation(imported.line, "imports", f"{module.layer} may not import {target}")


def _check_foreign(module: SourceModule, layer: Layer, imported: Imported) -> Iterator[Violation]:
    dotted = {imported.top, imported.module, f"{imported.module}.{imported.name}"}
    if dotted & layer.forbidden:
        yield module.violation(imported.line, "imports", f"{module.layer} may not import {imported.module}")
    elif imported.top in sys.stdlib_module_names or imported.top == "__future__":
        return
    elif "*" not in layer.libraries and imported.top not in layer.libraries:
        yield module.violation(imported.line, "imports", f"{module.layer} may not import {imported.top}")
    elif module.layer == "controllers" and imported.name not in SESSION_TYPES:
        yield module.violation(imported.line, "imports", "controllers take the session types alone from sqlalchemy")


def _check_qt(module: SourceModule) -> Iterator[Violation]:
    lines = {imported.top: imported.line for imported in reversed(module.imports)}
    line = min((lines[name] for name in QT if name in lines), default=0)
    if not line:
        return
    if not any(fnmatch(module.inner_path, pattern) for pattern in QT_FILES):
        yield module.violation(
            line, "qt", "Qt belongs to views, runtime/task_runner.py, runtime/change_bus.py and app.py"
        )
    if "asyncio" in lines and module.layer != "runtime":
        yield module.violation(lines["asyncio"], "qt", "asyncio and Qt meet in runtime/ only")


def _protocols(module: SourceModule) -> set[str]:
    if not (module.root / module.path).is_file():
        return set()
    return {
        node.name
        for node in module.nodes
        if isinstance(node, ast.ClassDef) and any("Protocol" in ast.unparse(base) for base in node.bases)
    }
