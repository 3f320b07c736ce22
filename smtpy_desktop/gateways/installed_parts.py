"""What the program is made of, with versions and licences: from the package's own list, or from what is installed."""

from __future__ import annotations

import json
import platform
import re
import sys
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

from smtpy_desktop.schemas.about import Component

_OURS = "smtpy-desktop"
_PACKAGE = Path(__file__).resolve().parents[1]
_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[([^\]]*)\])?[^;]*(?:;(.*))?")
_EXTRA = re.compile(r"extra\s*==\s*[\"']([^\"']+)[\"']")
_LICENCE_FILE = re.compile(r"(^|/)(licen[cs]e|copying|notice)[^/]*$", re.IGNORECASE)
_LGPL = ("LGPL-3.txt", "GPL-3.txt")
_TEXTS_OF = {"PySide6_Essentials": _LGPL, "shiboken6": _LGPL}
_BUNDLED = (
    ("Inter (typeface)", "OFL-1.1", "fonts/Inter-LICENSE.txt"),
    ("DejaVu Sans Mono (typeface)", "Bitstream Vera", "fonts/DejaVuSansMono-LICENSE.txt"),
    ("Tabler Icons", "MIT", "icons/LICENSE.txt"),
)


def installed_parts() -> tuple[Component, ...]:
    """Return every part with its licence's text, Python first; blocks for a moment."""
    packaged = Path(getattr(sys, "_MEIPASS", _PACKAGE.parent))
    if (packaged / "parts.json").is_file():
        return _packaged_parts(packaged)
    return (_python(), *sorted((*_libraries(), *_inside(), *_bundled()), key=lambda part: part.name.lower()))


def _packaged_parts(directory: Path) -> tuple[Component, ...]:
    listed = json.loads((directory / "parts.json").read_text(encoding="utf-8"))
    parts = [
        Component(
            str(part["name"]),
            str(part["version"]),
            str(part["licence"]),
            _joined(directory / "licences" / name for name in part["texts"]) or _bundled_text(str(part["name"])),
        )
        for part in listed
    ]
    return tuple(sorted(parts, key=lambda part: (part.name != "Python", part.name.lower())))


def _python() -> Component:
    library = Path(sys.base_prefix) / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "LICENSE.txt"
    return Component("Python", platform.python_version(), "PSF-2.0", _joined([library]))


def _libraries() -> Iterator[Component]:
    """Yield what the program needs, and what that needs in its turn."""
    wanted: list[tuple[str, frozenset[str]]] = [(_OURS, frozenset())]
    seen: set[str] = set()
    while wanted:
        name, extras = wanted.pop()
        key = f"{_normal(name)}{sorted(extras)}"
        if key in seen:
            continue
        seen.add(key)
        try:
            found = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # needed on other systems alone
        wanted.extend(_needs(found, extras))
        if _normal(name) != _OURS and _normal(name) not in seen:
            seen.add(_normal(name))
            yield Component(found.name, found.version, _licence(found), _licence_texts(found))


def _needs(found: metadata.Distribution, extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    for line in found.requires or ():
        match = _REQUIREMENT.match(line)
        if match is None:
            continue
        asked = _EXTRA.search(match[3] or "")
        if asked is None or asked[1] in extras:
            yield match[1], frozenset(one.strip() for one in (match[2] or "").split(",") if one.strip())


def _licence(found: metadata.Distribution) -> str:
    told = found.metadata
    given = [name for name in ("License-Expression", "License") if name in told]
    named = [str(told[name]) for name in given if told[name]]
    classifiers = [line.rpartition(" :: ")[2] for line in told.get_all("Classifier") or () if line[:7] == "License"]
    first = named[0].strip().partition("\n")[0] if named else ""
    return first if 0 < len(first) < 80 else ", ".join(classifiers)


def _licence_texts(found: metadata.Distribution) -> str:
    files = [file for file in found.files or () if ".dist-info/" in str(file) and _LICENCE_FILE.search(str(file))]
    ours = [_PACKAGE.parent / "packaging" / "licences" / name for name in _TEXTS_OF.get(found.name, ())]
    return _joined([*(Path(str(found.locate_file(file))) for file in files), *ours])


def _inside() -> Iterator[Component]:
    """Yield what others have put into their packages, as our own list for the package knows it."""
    packaging = _PACKAGE.parent / "packaging"
    try:
        listed = json.loads((packaging / "parts_inside.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    ours = {name for name, _, _ in _BUNDLED}
    for part in listed:
        if part["name"] not in ours:
            texts = _joined(packaging / "licences" / name for name in part["texts"])
            yield Component(str(part["name"]), str(part.get("version", "")), str(part["licence"]), texts)


def _bundled() -> Iterator[Component]:
    for name, licence, text in _BUNDLED:
        yield Component(name, "", licence, _joined([_PACKAGE / "resources" / text]))


def _bundled_text(name: str) -> str:
    return next((part.text for part in _bundled() if part.name == name), "")


def _joined(paths: Iterable[Path]) -> str:
    texts = []
    for path in paths:
        try:
            texts.append(path.read_text(encoding="utf-8", errors="replace").strip("\n"))
        except OSError:
            continue  # its name is in the list all the same
    return "\n\n".join(dict.fromkeys(texts))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
