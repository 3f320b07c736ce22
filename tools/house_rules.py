"""The rules of the house that no ready-made linter knows; ``python -m tools.house_rules`` names every broken one."""

from __future__ import annotations

import ast
import re
import sys
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from tools.import_rules import COMPOSITION_ROOT, check_gateway_protocols, check_imports
from tools.source_module import PACKAGE, SourceModule, package_modules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.source_module import Violation

LONGEST_FUNCTION = 60
LONGEST_FILE = 400
LONG_ROOMS: dict[str, str] = {}
"""``path`` or ``path::function`` that may be longer than the rule allows, each with the reason."""

NO_NAMES = ("utils", "util", "helpers", "helper", "common", "misc")
LABEL_FILE = "views/widgets/label.py"
GUIDE_FILES = "views/guide_*.py"
RICH_TEXT_CALLS = ("setHtml", "insertHtml", "appendHtml", "setMarkdown", "setOpenExternalLinks")
BROWSER_FILE = "views/browser.py"
THEME_FILES = "views/theme*.py"
PRINTING_LAYERS = ("commands", "__main__")
SHOWING_LAYERS = ("views", "app", "sandbox", "runtime")
_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{6}|[0-9a-fA-F]{3})(?![0-9a-zA-Z])")
_QT_METHOD = re.compile(r"[a-z]+[A-Z]\w*")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def check_names(module: SourceModule) -> Iterator[Violation]:
    """Refuse attics, and second names for our own modules and the things in them."""
    if PurePosixPath(module.path).stem in NO_NAMES:
        yield module.violation(1, "names", "name the thing (paging.py, redaction.py) instead of keeping an attic")
    for imported in module.imports:
        if imported.top == PACKAGE and imported.alias not in (None, imported.name):
            yield module.violation(imported.line, "names", "our own modules and names are imported without an alias")


def check_calls(module: SourceModule) -> Iterator[Violation]:
    """Refuse calls that break a promise: nested event loops, commits below controllers, printing, styles."""
    for node in module.nodes:
        if not isinstance(node, ast.Call):
            continue
        name = _called(node.func)
        is_method = isinstance(node.func, ast.Attribute)
        if is_method and name in ("exec", "exec_") and module.layer not in COMPOSITION_ROOT:
            yield module.violation(node.lineno, "exec", "no nested event loop: open() the dialog and wait for finished")
        if is_method and name == "commit" and module.layer == "database":
            yield module.violation(node.lineno, "commit", "transactions belong to controllers")
        if name == "print" and not is_method and module.layer not in PRINTING_LAYERS:
            yield module.violation(node.lineno, "print", "only the command line prints; use the log")
        if name in RICH_TEXT_CALLS and not fnmatch(module.inner_path, GUIDE_FILES):
            yield module.violation(node.lineno, "labels", "only the guide is rich text: data would be taken for markup")
        if name == "openUrl" and module.inner_path != BROWSER_FILE:
            yield module.violation(node.lineno, "browser", f"addresses are judged first and opened by {BROWSER_FILE}")
        if is_method and name == "itemAt":
            yield module.violation(node.lineno, "items", "PySide keeps a layout's item beyond its end")
        if name == "setStyleSheet" and not fnmatch(module.inner_path, THEME_FILES):
            yield module.violation(node.lineno, "theme", "the one style sheet is made in views/theme.py")


def check_labels(module: SourceModule) -> Iterator[Violation]:
    """Let data reach the screen as plain text only: through the labels and the message bar of the house."""
    if module.inner_path == LABEL_FILE:
        return
    for node in module.nodes:
        bases = node.bases if isinstance(node, ast.ClassDef) else []
        if isinstance(node, (ast.Name, ast.Attribute)) and _called(node) == "QMessageBox":
            yield module.violation(node.lineno, "labels", "no QMessageBox: the message bar and our own dialogs tell it")
        if (isinstance(node, ast.Call) and _called(node.func) == "QLabel") or "QLabel" in map(_called, bases):
            line = getattr(node, "lineno", 1)
            yield module.violation(line, "labels", f"no bare QLabel: it guesses rich text; use {LABEL_FILE}")


def check_colours(module: SourceModule) -> Iterator[Violation]:
    """Keep every colour in the theme."""
    if module.layer not in SHOWING_LAYERS or fnmatch(module.inner_path, THEME_FILES):
        return
    for node in module.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _COLOUR.search(node.value):
            yield module.violation(node.lineno, "theme", "colours are tokens of views/theme.py")
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Attribute)
            and node.value.attr == "GlobalColor"
            and node.attr != "transparent"
        ):
            yield module.violation(node.lineno, "theme", "colours are tokens of views/theme.py")


def check_docstrings(module: SourceModule) -> Iterator[Violation]:
    """Ask every module, public class and public function for a docstring (Qt's own virtual methods have Qt's)."""
    if not ast.get_docstring(module.tree):
        yield module.violation(1, "docstring", "say in one sentence what this file is responsible for")
    for node, owner in _functions_and_classes(module.tree, ()):
        if any(name.startswith("_") for name in (*owner, node.name)) or ast.get_docstring(node):
            continue
        if isinstance(node, ast.ClassDef) or not (owner and _is_override(node)):
            yield module.violation(node.lineno, "docstring", f"{node.name} is public and has no docstring")


def check_annotations(module: SourceModule) -> Iterator[Violation]:
    """Ask every function for the types of its arguments and of its result."""
    for node in module.nodes:
        if not isinstance(node, Function):
            continue
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        arguments += [argument for argument in (node.args.vararg, node.args.kwarg) if argument]
        untyped = [a.arg for a in arguments if a.annotation is None and a.arg not in ("self", "cls")]
        if untyped:
            yield module.violation(
                node.lineno, "types", f"{node.name} has arguments without a type: {', '.join(untyped)}"
            )
        if node.returns is None:
            yield module.violation(node.lineno, "types", f"{node.name} does not say what it returns")


def check_length(module: SourceModule) -> Iterator[Violation]:
    """Sound the alarm at long functions and long files."""
    lines = module.text.count("\n")
    if lines > LONGEST_FILE and module.path not in LONG_ROOMS:
        yield module.violation(1, "length", f"{lines} lines; a file has at most {LONGEST_FILE}, better 250")
    for node in module.nodes:
        if not isinstance(node, Function):
            continue
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        if length > LONGEST_FUNCTION and f"{module.path}::{node.name}" not in LONG_ROOMS:
            message = f"{node.name} has {length} lines; a function has at most {LONGEST_FUNCTION}, better 25"
            yield module.violation(node.lineno, "length", message)


RULES = (
    check_imports,
    check_gateway_protocols,
    check_names,
    check_calls,
    check_labels,
    check_colours,
    check_docstrings,
    check_annotations,
    check_length,
)


def check_package(root: Path) -> list[Violation]:
    """Hold every file of the package against every rule."""
    return [violation for module in package_modules(root) for rule in RULES for violation in rule(module)]


def check_developer_files(root: Path) -> list[Violation]:
    """Hold the developers' programs against the rules that concern any code: names, docstrings, types, length."""
    rules = (check_names, check_docstrings, check_annotations, check_length)
    paths = [path for folder in ("tools", "benchmarks") for path in sorted((root / folder).rglob("*.py"))]
    modules = [SourceModule(root, path.relative_to(root).as_posix()) for path in paths]
    return [violation for module in modules for rule in rules for violation in rule(module)]


def main() -> int:
    """Print every broken rule; return the exit status."""
    root = Path(__file__).resolve().parent.parent
    violations = [*check_package(root), *check_developer_files(root)]
    for violation in violations:
        print(violation)
    print(f"{len(violations)} broken house rules." if violations else "All house rules are kept.")
    return 1 if violations else 0


def _called(node: ast.expr) -> str:
    """Return the last part of a dotted name."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _functions_and_classes(
    node: ast.Module | ast.ClassDef, owner: tuple[str, ...]
) -> Iterator[tuple[Function | ast.ClassDef, tuple[str, ...]]]:
    for child in node.body:
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield child, owner
        if isinstance(child, ast.ClassDef):
            yield from _functions_and_classes(child, (*owner, child.name))


def _is_override(function: Function) -> bool:
    """Tell whether a method only answers for its base class: Qt's camel case, or marked as an override."""
    marks = {_called(mark.func if isinstance(mark, ast.Call) else mark) for mark in function.decorator_list}
    return bool(_QT_METHOD.fullmatch(function.name)) or bool(marks & {"override", "overload", "setter"})


if __name__ == "__main__":
    sys.exit(main())
