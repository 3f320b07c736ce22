"""The files that are handed out: ``.tar.gz``, ``.deb``, the list of parts and the checksums."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import platform
import shutil
import subprocess
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tools.package_checks import tree_size
from tools.package_icons import DRAWING, SIZES, draw_icons
from tools.package_manual import write_manual
from tools.package_needs import Needs, find_needs
from tools.package_parts import Part, cyclonedx
from tools.package_services import add_services

ROOT = Path(__file__).resolve().parent.parent
LINUX = ROOT / "packaging" / "linux"
METAINFO = "org.smtpy.desktop.metainfo.xml"
NAME = "smtpy-desktop"


@dataclass(frozen=True, slots=True)
class Archives:
    """How the tree is packed: where to, as which version, and how hard it is compressed (1 to 9)."""

    tree: Path
    output: Path
    version: str
    level: int = 6

    def build(self, parts: tuple[Part, ...]) -> list[Path]:
        """Pack the tree and return the files made; PackageFault when it needs what nobody is known to bring."""
        needs = find_needs(self.tree)
        share = _make_share(self.output / "share", self.version)
        made = [
            self._make_tar(share, needs),
            self._make_deb(share, needs),
            self.output / f"{NAME}-{self.version}.cdx.json",
        ]
        made[-1].write_text(json.dumps(cyclonedx(parts, self.version), indent=1) + "\n", encoding="utf-8")
        sums = self.output / "SHA256SUMS"
        sums.write_text("".join(f"{_digest(path)}  {path.name}\n" for path in made), encoding="ascii")
        return [*made, sums]

    def _make_tar(self, share: Path, needs: Needs) -> Path:
        readme = self.output / "README.txt"
        values = {
            "VERSION": self.version,
            "GLIBC": needs.glibc,
            "LIBRARIES": _wrapped(needs.libraries),
            "PACKAGES": " \\\n    ".join(needs.packages),
        }
        _fill(LINUX / "README.txt", readme, values)
        target = self.output / f"{NAME}-{self.version}-linux-{platform.machine()}.tar.gz"
        inside = f"{NAME}-{self.version}"
        extras = ((share, "share"), (readme, "README.txt"), (ROOT / "LICENSE", "LICENSE"))
        with (
            target.open("wb") as file,
            gzip.GzipFile("", "wb", self.level, file, mtime=_seconds()) as packed,
            tarfile.open(fileobj=packed, mode="w") as archive,
        ):
            archive.add(self.tree, inside, filter=_anonymous)
            for path, name in extras:
                archive.add(path, f"{inside}/{name}", filter=_anonymous)
        return target

    def _make_deb(self, share: Path, needs: Needs) -> Path:
        stage = self.output / "deb"
        _stage_files(stage, self.tree, share)
        machine = platform.machine()
        values = {
            "VERSION": self.version,
            "ARCHITECTURE": {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine),
            "SIZE": str(-(-tree_size(stage) // 1024)),
            "DEPENDS": needs.depends(),
            "RECOMMENDS": needs.recommends(),
            "SUGGESTS": needs.suggests(),
        }
        control = stage / "DEBIAN"
        control.mkdir(mode=0o755)
        (control / "md5sums").write_text("".join(_md5_lines(stage)), encoding="utf-8")
        _fill(LINUX / "control", control / "control", values)
        for script in ("prerm", "postrm"):
            _fill(LINUX / script, control / script, {})
            (control / script).chmod(0o755)
        target = self.output / f"{NAME}_{self.version}_{values['ARCHITECTURE']}.deb"
        command = ["dpkg-deb", "--root-owner-group", "-Zxz", f"-z{self.level}", "--build", str(stage), str(target)]
        subprocess.run(command, check=True, capture_output=True)
        shutil.rmtree(stage)
        return target


def _make_share(share: Path, version: str) -> Path:
    """Make what goes below ``share``: the entry of the menu, the description, the icons, the manual page."""
    shutil.rmtree(share, ignore_errors=True)
    for name in ("applications", "metainfo", "icons/hicolor/scalable/apps"):
        (share / name).mkdir(parents=True)
    shutil.copy(LINUX / f"{NAME}.desktop", share / "applications")
    shutil.copy(DRAWING, share / "icons" / "hicolor" / "scalable" / "apps" / f"{NAME}.svg")
    values = {"VERSION": version, "DATE": _built_at().date().isoformat()}
    _fill(LINUX / METAINFO, share / "metainfo" / METAINFO, values)
    for size, picture in zip(SIZES, draw_icons(), strict=True):
        target = share / "icons" / "hicolor" / f"{size}x{size}" / "apps" / f"{NAME}.png"
        target.parent.mkdir(parents=True)
        shutil.copy(picture, target)
    write_manual(share, version, _built_at())
    return share


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Leave out of an archive who built it and when."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    entry.mtime = _seconds()
    entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
    return entry


def _stage_files(stage: Path, tree: Path, share: Path) -> None:
    """Lay out below a directory what the Debian package installs."""
    shutil.rmtree(stage, ignore_errors=True)
    documents = stage / "usr" / "share" / "doc" / NAME
    shutil.copytree(tree, stage / "usr" / "lib" / NAME, symlinks=True)
    shutil.copytree(share, stage / "usr" / "share")
    (stage / "usr" / "bin").mkdir()
    (stage / "usr" / "bin" / NAME).symlink_to(f"../lib/{NAME}/{NAME}")
    documents.mkdir(parents=True)
    shutil.copyfile(LINUX / "copyright", documents / "copyright")
    add_services(stage)
    (documents / "changelog.gz").write_bytes(gzip.compress((ROOT / "CHANGELOG.md").read_bytes(), mtime=_seconds()))
    _set_modes(stage)


def _set_modes(stage: Path) -> None:
    for path in stage.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
            os.utime(path, (_seconds(), _seconds()))


def _md5_lines(stage: Path) -> Iterable[str]:
    for path in sorted(stage.rglob("*")):
        if path.is_file() and not path.is_symlink() and "DEBIAN" not in path.parts:
            digest = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
            yield f"{digest}  {path.relative_to(stage)}\n"


def _fill(source: Path, target: Path, values: dict[str, str]) -> None:
    content = source.read_text(encoding="utf-8")
    for name, value in values.items():
        content = content.replace(f"@{name}@", value)
    target.write_text(content, encoding="utf-8")


def _wrapped(words: Iterable[str]) -> str:
    lines = [""]
    for word in words:
        if len(lines[-1]) + len(word) > 100:
            lines.append("")
        lines[-1] += f"  {word}"
    return "\n".join(lines)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _seconds() -> int:
    return int(os.environ["SOURCE_DATE_EPOCH"])


def _built_at() -> datetime:
    return datetime.fromtimestamp(_seconds(), UTC)
