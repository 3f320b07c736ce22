"""Keep the translation catalogues in step with the sources.

``python -m tools.translations`` says what is missing or left over; with ``--update`` missing texts are added with an
empty translation and left-over ones are removed.
"""

from __future__ import annotations

import ast
import json
import string
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
CATALOGUES = ROOT / "smtpy_desktop" / "resources" / "translations"
_SINGLE = {"tr", "text"}
_PLURAL = {"tr_n"}
_OTHER_TEXT = "sqlalchemy"
"""Its ``text`` makes statements, not sentences."""
_PUNCTUATION = ":;!?"
"""Marks that some languages set apart from the word before them."""


def source_texts(package: Path = ROOT / "smtpy_desktop") -> set[str]:
    """Return every literal text for the user, plural ones as the catalogue holds them (both forms in one key)."""
    found: set[str] = set()
    for path in sorted(package.rglob("*.py")):
        found.update(_texts_of(ast.parse(path.read_text(encoding="utf-8"))))
    return {text for text in found if _says_something(text)}


def read_catalogue(path: Path) -> dict[str, str | list[str]]:
    """Return a catalogue: English source to translation, or to the list of plural forms."""
    content: dict[str, str | list[str]] = json.loads(path.read_text(encoding="utf-8"))
    return content


def placeholders(text: str) -> set[str]:
    """Return the names in braces of a text."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def _texts_of(tree: ast.AST) -> Iterator[str]:
    single = _SINGLE - _statement_makers(tree)
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
            continue
        literals = [argument.value for argument in node.args[:2] if _is_text(argument)]  # type: ignore[attr-defined]
        if node.func.id in single and literals and _is_text(node.args[0]):
            yield literals[0]
        elif node.func.id in _PLURAL and len(literals) == 2:
            yield "\n".join(literals)


def _statement_makers(tree: ast.AST) -> set[str]:
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == _OTHER_TEXT)
    return {alias.asname or alias.name for node in imports for alias in node.names}


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _says_something(text: str) -> bool:
    """Leave out texts that are nothing but a value."""
    literals = "".join(literal for literal, *_ in string.Formatter().parse(text))
    return any(character.isalpha() or character in _PUNCTUATION for character in literals)


def main() -> int:
    """Compare every catalogue with the sources and return 1 when they differ."""
    sources = source_texts()
    differs = False
    for path in sorted(CATALOGUES.glob("*.json")):
        catalogue = read_catalogue(path)
        missing = sorted(sources - {key for key, value in catalogue.items() if value})
        left_over = sorted(catalogue.keys() - sources)
        differs = differs or bool(missing or left_over)
        print(f"{path.name}: {len(missing)} to translate, {len(left_over)} left over")
        if "--update" in sys.argv:
            kept = {key: catalogue.get(key, "") for key in sorted(sources)}
            path.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return int(differs)


if __name__ == "__main__":
    sys.exit(main())
