"""One source file of the package as the house rules see it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

PACKAGE = "smtpy_desktop"


@dataclass(frozen=True)
class Violation:
    """A broken rule: where, which rule, and what to do about it."""

    path: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


@dataclass(frozen=True)
class Imported:
    """One imported name: the module it comes from, the name in it (empty: the module itself), and its alias."""

    line: int
    module: str
    name: str
    alias: str | None

    @property
    def top(self) -> str:
        """The first part of the module's name."""
        return self.module.partition(".")[0]


@dataclass(frozen=True)
class SourceModule:
    """A parsed file; ``path`` is relative to the root of the repository, with slashes."""

    root: Path
    path: str

    @cached_property
    def text(self) -> str:
        """The source."""
        return (self.root / self.path).read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.text, self.path)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of the tree."""
        return tuple(ast.walk(self.tree))

    @property
    def inner_path(self) -> str:
        """The path inside the package (``views/widgets/label.py``), or the whole path for a file outside it."""
        return self.path.removeprefix(f"{PACKAGE}/")

    @property
    def layer(self) -> str:
        """The first folder inside the package, or for a file directly in it its stem (``app``, ``errors``)."""
        return PurePosixPath(PurePosixPath(self.inner_path).parts[0]).stem

    @cached_property
    def imports(self) -> tuple[Imported, ...]:
        """Everything imported anywhere in the file; relative imports are resolved."""
        found: list[Imported] = []
        for node in self.nodes:
            if isinstance(node, ast.Import):
                found += [Imported(node.lineno, name.name, "", name.asname) for name in node.names]
            elif isinstance(node, ast.ImportFrom):
                module = self._absolute(node)
                found += [Imported(node.lineno, module, name.name, name.asname) for name in node.names]
        return tuple(found)

    def violation(self, line: int, rule: str, message: str) -> Violation:
        """Report a broken rule at a line of this file."""
        return Violation(self.path, line, rule, message)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = PurePosixPath(self.path).with_suffix("").parts[: -node.level]
        return ".".join([*package, *([node.module] if node.module else [])])


def package_modules(root: Path) -> list[SourceModule]:
    """Read every source file of the package."""
    return [SourceModule(root, path.relative_to(root).as_posix()) for path in sorted((root / PACKAGE).rglob("*.py"))]
