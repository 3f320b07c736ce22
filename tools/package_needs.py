"""What the packaged program needs from the system: the shared libraries that it does not bring, and their packages."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tools.package_checks import PackageFault
from tools.package_libraries import elf_files
from tools.system_packages import QT_LIBRARIES

_PACKAGES = QT_LIBRARIES | {
    "libstdc++.so.6": "libstdc++6",
    "libgcc_s.so.1": "libgcc-s1",
    "libz.so.1": "zlib1g",
    "libzstd.so.1": "libzstd1",
    "libbrotlicommon.so.1": "libbrotli1",
    "libbrotlidec.so.1": "libbrotli1",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libfreetype.so.6": "libfreetype6",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb.so.1": "libxcb1",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libgobject-2.0.so.0": "libglib2.0-0",
    "libgio-2.0.so.0": "libglib2.0-0",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libgtk-3.so.0": "libgtk-3-0",
    "libgdk-3.so.0": "libgtk-3-0",
    "libatk-1.0.so.0": "libatk1.0-0",
    "libcairo-gobject.so.2": "libcairo-gobject2",
    "libcairo.so.2": "libcairo2",
    "libgdk_pixbuf-2.0.so.0": "libgdk-pixbuf-2.0-0",
    "libharfbuzz.so.0": "libharfbuzz0b",
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangocairo-1.0.so.0": "libpangocairo-1.0-0",
}
"""Shared libraries of the system and the Debian packages that bring them."""

_RENAMED = {"libglib2.0-0": "libglib2.0-0t64", "libgtk-3-0": "libgtk-3-0t64", "libatk1.0-0": "libatk1.0-0t64"}
"""Packages that newer Debian and Ubuntu have under another name."""

_OF_GLIBC = re.compile(r"^(lib(c|m|dl|rt|util|pthread|resolv|crypt)\.so\.\d+|ld-linux.*)$")
_OF_WAYLAND = re.compile(r"wayland|WaylandClient|xdg-shell|libadwaita|libbradient")
_OF_GTK = re.compile(r"libqgtk3")
_NEEDED = re.compile(r"\(NEEDED\)\s+Shared library: \[([^\]]+)\]")
_GLIBC_VERSION = re.compile(r"\bGLIBC_(\d+)\.(\d+)\b")


@dataclass(frozen=True, slots=True)
class Needs:
    """What must be on the system, and what is used where it is there: for Wayland, and for dialogs as GTK has them."""

    libraries: tuple[str, ...]
    packages: tuple[str, ...]
    for_wayland: tuple[str, ...]
    for_gtk: tuple[str, ...]
    glibc: str

    def depends(self) -> str:
        """Return the value of Debian's field Depends."""
        return ", ".join((f"libc6 (>= {self.glibc})", *map(_with_other_name, self.packages)))

    def recommends(self) -> str:
        """Return the value of Debian's field Recommends."""
        keyring = "gnome-keyring | kwalletmanager | keepassxc"
        return ", ".join(("ca-certificates", keyring, *map(_with_other_name, self.for_wayland)))

    def suggests(self) -> str:
        """Return the value of Debian's field Suggests."""
        return ", ".join(("xvfb", *map(_with_other_name, self.for_gtk)))


def find_needs(tree: Path) -> Needs:
    """Read from every program and library what it loads; raise PackageFault for a library nobody is known to bring."""
    brought = {path.name for path in tree.rglob("*.so*")}
    required: set[str] = set()
    of_wayland: set[str] = set()
    of_gtk: set[str] = set()
    glibc = (0, 0)
    for path in elf_files(tree):
        output = subprocess.run(["readelf", "-dVW", path], capture_output=True, text=True, check=True).stdout
        needed = {name for name in _NEEDED.findall(output) if name not in brought and not _OF_GLIBC.match(name)}
        kind = of_gtk if _OF_GTK.search(path.name) else of_wayland if _OF_WAYLAND.search(path.name) else required
        kind.update(needed)
        glibc = max(glibc, *((int(major), int(minor)) for major, minor in _GLIBC_VERSION.findall(output)), (0, 0))
    unknown = sorted(name for name in required | of_wayland | of_gtk if name not in _PACKAGES)
    if unknown:
        raise PackageFault(f"add to tools/package_needs.py which package brings {', '.join(unknown)}")
    packages, wayland, gtk = ({_PACKAGES[name] for name in names} for names in (required, of_wayland, of_gtk))
    return Needs(
        tuple(sorted(required)),
        tuple(sorted(packages)),
        tuple(sorted(wayland - packages)),
        tuple(sorted(gtk - packages - wayland)),
        ".".join(map(str, glibc)),
    )


def _with_other_name(package: str) -> str:
    return f"{package} | {_RENAMED[package]}" if package in _RENAMED else package
