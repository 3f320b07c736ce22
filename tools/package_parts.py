"""What the packaged program is made of: every part with version, licence and its text; also as a CycloneDX document.

The list comes from the files that were really taken, so nothing is in the package that is not in the list.
"""

from __future__ import annotations

import fnmatch
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TEXTS = ROOT / "packaging" / "licences"
INSIDE = ROOT / "packaging" / "parts_inside.json"
LICENCES = "licences"
PARTS_FILE = "parts.json"

_LICENCE_FILE = re.compile(r"(^|/)(licen[cs]e|copying|notice|authors)[^/]*$", re.IGNORECASE)
_LICENCES_BY_WORDS = {
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "MIT License": "MIT",
    "GPLv2-or-later with a special exception which allows to use PyInstaller to build and distribute non-free "
    "programs (including commercial ones)": "GPL-2.0-or-later WITH Bootloader-exception",
}
_PYTHON_AND_OURS = (
    os.path.realpath(sysconfig.get_path("stdlib")),
    *([] if sys.base_prefix == "/usr" else [os.path.realpath(sys.base_prefix)]),
    str(ROOT),
)
_OF_SYSTEM = ("/usr/", "/lib/")
_PROGRAM = "smtpy-desktop"
_MORE_TEXTS = {
    "PySide6_Essentials": ("LGPL-3.txt", "GPL-3.txt"),
    "shiboken6": ("LGPL-3.txt", "GPL-3.txt"),
    "psycopg": ("GPL-3.txt",),
    "psycopg-binary": ("GPL-3.txt",),
    "psycopg-pool": ("GPL-3.txt",),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One thing of somebody's in the package; ``texts`` are files below the directory of the licences."""

    name: str
    version: str
    licence: str
    address: str
    texts: tuple[str, ...]


def add_parts(tree: Path, contents_file: Path) -> tuple[Part, ...]:
    """Put the licences and the list of parts into the tree and return the parts, sorted by name.

    Raises ValueError naming a file that belongs to no part.
    """
    inner = tree / "_internal"
    licences = inner / LICENCES
    contents: list[list[str]] = json.loads(contents_file.read_text(encoding="utf-8"))
    sources = {os.path.realpath(source) for _, source, kind in contents if kind != "SYMLINK"}
    parts = sorted({*_python(licences), *_owners(sources, licences), *_inside(inner, licences)}, key=_sorting)
    listed = [asdict(part) for part in parts]
    (inner / PARTS_FILE).write_text(json.dumps(listed, indent=1) + "\n", encoding="utf-8")
    return tuple(parts)


def cyclonedx(parts: Iterable[Part], version: str) -> dict[str, Any]:
    """Return the parts as a CycloneDX 1.6 document."""
    made_at = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), UTC)
    program = {"type": "application", "name": "smtpy-desktop", "version": version, "bom-ref": "smtpy-desktop"}
    components = [_component(part) for part in parts]
    serial = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps([version, made_at.isoformat(), components], sort_keys=True))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "timestamp": made_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "component": {**program, "licenses": [{"license": {"id": "MIT"}}]},
        },
        "components": components,
        "dependencies": [{"ref": "smtpy-desktop", "dependsOn": [part.address for part in parts]}],
    }


def _component(part: Part) -> dict[str, Any]:
    is_one = re.fullmatch(r"[\w.+-]+", part.licence)
    licence = {"license": {"id": part.licence}} if is_one else {"expression": part.licence}
    return {
        "type": "library",
        "bom-ref": part.address,
        "name": part.name,
        **({"version": part.version} if part.version else {}),
        "purl": part.address,
        "licenses": [licence],
    }


def _sorting(part: Part) -> tuple[str, str]:
    return part.name.lower(), part.address


def _python(licences: Path) -> Iterator[Part]:
    version = platform.python_version()
    library = Path(sys.base_prefix) / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "LICENSE.txt"
    texts = (_put(library, licences, "Python"),) if library.is_file() else ()
    yield Part("Python", version, "PSF-2.0", f"pkg:generic/python@{version}", texts)


def _owners(sources: set[str], licences: Path) -> Iterator[Part]:
    """Yield the installed packages and Debian packages that the files came from."""
    of_file = _installed_files()
    of_environment = os.path.realpath(sys.prefix)
    distributions: dict[str, metadata.Distribution] = {}
    of_system: set[str] = set()
    for source in sorted(sources):
        owner = of_file.get(source)
        if owner is not None:
            distributions[owner.name] = owner
        elif source.startswith(of_environment) or not source.startswith((*_PYTHON_AND_OURS, *_OF_SYSTEM)):
            message = f"{source} is in the package and belongs to no known part"
            raise ValueError(message)
        elif not source.startswith(_PYTHON_AND_OURS):
            of_system.add(source)
    distributions.pop(_PROGRAM, None)
    for distribution in distributions.values():
        yield _of_distribution(distribution, licences)
    yield from _of_debian(of_system, licences)


def _installed_files() -> dict[str, metadata.Distribution]:
    return {
        os.path.realpath(str(distribution.locate_file(file))): distribution
        for distribution in metadata.distributions()
        for file in distribution.files or ()
    }


def _of_distribution(distribution: metadata.Distribution, licences: Path) -> Part:
    name, version = distribution.name, distribution.version
    files = [
        file for file in distribution.files or () if ".dist-info/" in str(file) and _LICENCE_FILE.search(str(file))
    ]
    texts = [_put(Path(str(distribution.locate_file(file))), licences, name) for file in files]
    texts += [_put(TEXTS / text, licences) for text in _MORE_TEXTS.get(name, ())]
    address = f"pkg:pypi/{re.sub(r'[-_.]+', '-', name).lower()}@{version}"
    return Part(name, version, _licence(distribution), address, tuple(sorted(set(texts))))


def _licence(distribution: metadata.Distribution) -> str:
    """Return the licence as an SPDX expression; raise ValueError when the package does not tell one we know."""
    told = distribution.metadata
    for expression in told.get_all("License-Expression") or ():
        return str(expression)
    words = [str(word) for word in told.get_all("License") or ()]
    words += [line.rpartition(" :: ")[2] for line in told.get_all("Classifier") or () if line.startswith("License ::")]
    for word in words:
        if word in _LICENCES_BY_WORDS:
            return _LICENCES_BY_WORDS[word]
        if re.fullmatch(r"[A-Z][\w.-]*-?[\d.]*(-only|-or-later|-Clause)?( (OR|AND) [\w.-]+)*", word):
            return word
    message = f"{distribution.name} does not say its licence in words that are known: {words}"
    raise ValueError(message)


def _of_debian(files: set[str], licences: Path) -> Iterator[Part]:
    for package in sorted({_debian_package(file) for file in files}):
        name = package.partition(":")[0]
        version = _first_line(["dpkg-query", "-W", "-f", "${Version}", package])
        text = _put(Path("/usr/share/doc") / name / "copyright", licences, name)
        licence = f"LicenseRef-Debian-{name.replace('+', '')}"
        yield Part(name, version, licence, f"pkg:deb/debian/{name}@{version}", (text,))


def _debian_package(file: str) -> str:
    """Return the package that brought a library, known by its path with or without the leading ``/usr``."""
    for path in (file, file.removeprefix("/usr")):
        done = subprocess.run(["dpkg-query", "-S", path], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return done.stdout.partition(": ")[0]
    message = f"{file} is in the package and belongs to no package of this system"
    raise ValueError(message)


def _inside(inner: Path, licences: Path) -> Iterator[Part]:
    """Yield what others have put into their packages: libraries, PostgreSQL, Qt, and what we bundle ourselves."""
    names = [str(path.relative_to(inner)) for path in inner.rglob("*") if path.is_file()]
    for known in json.loads(INSIDE.read_text(encoding="utf-8")):
        if not fnmatch.filter(names, known["files"]):
            continue
        version = _version(known, inner)
        texts = tuple(_put((TEXTS / text).resolve(), licences, _folder(text, known["name"])) for text in known["texts"])
        slug = re.sub(r"[^a-z0-9.]+", "-", known["name"].lower()).strip("-")
        address = f"pkg:generic/{slug}" + (f"@{version}" if version else "")
        yield Part(known["name"], version, known["licence"], address, texts)


def _folder(text: str, name: str) -> str:
    """Return the folder for a licence: those of ours all have the same name where they lie."""
    return name.partition(" (")[0] if "/" in text else ""


def _version(known: dict[str, Any], inner: Path) -> str:
    if "version_of" in known:
        return metadata.version(known["version_of"])
    if "version_in" not in known:
        return str(known["version"])
    file, pattern = known["version_in"]
    match = re.search(pattern.encode(), (inner / file).read_bytes())
    return match.group(1).decode() if match else ""


def _put(source: Path, licences: Path, name: str = "") -> str:
    """Copy a licence into the package and return its path below the directory of the licences."""
    target = licences / name / source.name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    return str(target.relative_to(licences))


def _first_line(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]
