"""What the Debian package brings for a server: units of systemd, none of them enabled, examples and documents."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UNITS = ROOT / "deploy" / "systemd"
DOCUMENTS = ("server.md", "backups.md")
_PLACES = {
    "/opt/smtpy/bin/smtpy-desktop": "/usr/bin/smtpy-desktop",
    "/opt/smtpy/share/doc/": "/usr/share/doc/smtpy-desktop/",
}
"""Where the package has what the units of a clone name elsewhere."""


def add_services(stage: Path) -> None:
    """Lay out below a directory what the package installs for servers."""
    units = stage / "usr" / "lib" / "systemd" / "system"
    documents = stage / "usr" / "share" / "doc" / "smtpy-desktop"
    examples = documents / "examples"
    for directory in (units, examples):
        directory.mkdir(parents=True, exist_ok=True)
    for path in sorted(UNITS.iterdir()):
        if path.suffix in (".env", ".conf"):
            shutil.copyfile(path, examples / path.name)
        else:
            (units / path.name).write_text(packaged_unit(path), encoding="utf-8")
    shutil.copytree(ROOT / "deploy" / "postfix", examples / "postfix", dirs_exist_ok=True)
    for name in DOCUMENTS:
        shutil.copyfile(ROOT / "docs" / name, documents / name)


def packaged_unit(path: Path) -> str:
    """Return a unit of ``deploy`` as it is in the package, where the program lies elsewhere."""
    content = path.read_text(encoding="utf-8")
    for ours, packaged in _PLACES.items():
        content = content.replace(ours, packaged)
    return content
