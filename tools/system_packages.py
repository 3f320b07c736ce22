"""What the program needs from the operating system, how to find out what is missing, and how to get it."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

QT_LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xinerama.so.0": "libxcb-xinerama0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
"""Shared libraries that Qt loads (Core, Gui, Widgets, Svg, PrintSupport; offscreen and xcb), and Debian's packages."""

VIRTUAL_DISPLAY = {"Xvfb": "xvfb"}
"""The program that gives a machine without a screen a display, and its package."""

TEST_PROGRAMS = {
    "Xvfb": "xvfb",
    "xdotool": "xdotool",
    "dbus-run-session": "dbus-daemon",
    "gnome-keyring-daemon": "gnome-keyring",
    "chromium": "chromium",
    "chromedriver": "chromium-driver",
    "postfix": "postfix",
    "systemd-analyze": "systemd",
    "faketime": "faketime",
    "groff": "groff-base",
    "strace": "strace",
    "tc": "iproute2",
    "/usr/libexec/at-spi-bus-launcher": "at-spi2-core",
}
"""Programs that tests marked ``system`` need; without them those tests are skipped. Add a line to have one more."""

PACKAGE_PROGRAMS = {"objdump": "binutils", "readelf": "binutils", "dpkg-deb": "dpkg", "strip": "binutils"}
"""Programs that build the packaged program; dpkg-deb is missed only where there is no Debian package to be made."""

PACKAGE_TEST_PROGRAMS = {
    "Xvfb": "xvfb",
    "debootstrap": "debootstrap",
    "desktop-file-validate": "desktop-file-utils",
    "appstreamcli": "appstream",
}
"""Programs that try the packaged program in a small system of its own."""

NOT_BESIDE = {"postfix": "sendmail"}
"""Programs whose package takes the place of another one: where that is there already, it stays, and tests skip."""

ANSWERS = {"postfix": "postfix postfix/main_mailer_type select No configuration"}
"""What packages ask when they are installed: this one must not begin to take mail on the machine."""

INSTALL_SECONDS = 1800


_EVERYWHERE = os.defpath + ":/usr/sbin:/usr/lib"


@dataclass(frozen=True)
class Need:
    """One thing that should be there: the file that is looked for and the Debian package that brings it."""

    name: str
    package: str
    required: bool


def is_loadable(soname: str) -> bool:
    """Tell whether the dynamic linker finds a shared library (asked of the linker, so any distribution will do)."""
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def has_display(environment: Mapping[str, str]) -> bool:
    """Tell whether a window can be shown without a virtual display."""
    return any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def missing_needs(purpose: str, environment: Mapping[str, str]) -> list[Need]:
    """List what is missing for a purpose, one of ``tools.setup.PURPOSES``."""
    needs = []
    if importlib.util.find_spec("ensurepip") is None:
        needs.append(Need("Python's module ensurepip", "python3-venv", required=True))
    if purpose == "check" or not sys.platform.startswith("linux"):
        return needs
    needs += [
        Need(soname, package, required=True) for soname, package in QT_LIBRARIES.items() if not is_loadable(soname)
    ]
    programs = {program: Need(program, package, required=False) for program, package in _programs(purpose).items()}
    if purpose == "run" and not has_display(environment):
        programs |= {program: Need(program, package, required=True) for program, package in VIRTUAL_DISPLAY.items()}
    return needs + [need for program, need in programs.items() if _is_missing(program)]


def _is_missing(program: str) -> bool:
    """Tell whether a program is not there and may be brought."""
    other = NOT_BESIDE.get(program)
    return shutil.which(program) is None and (other is None or shutil.which(other, path=_EVERYWHERE) is None)


def install(needs: Iterable[Need], purpose: str) -> list[Need]:
    """Install the packages as far as this account may; return what is missing afterwards."""
    needs = list(needs)
    apt_get = apt_get_command()
    if not needs or apt_get is None:
        return needs
    packages = sorted({need.package for need in needs})
    print("Installing the system packages", " ".join(packages), "…", flush=True)
    if not _apt_install(apt_get, packages):
        print("apt-get could not install them; its last words are above.", file=sys.stderr)
    return missing_needs(purpose, os.environ)


def apt_get_command() -> list[str] | None:
    """Return how to call apt-get with the rights to install and without questions, or None where that is impossible."""
    if shutil.which("apt-get") is None:
        return None
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "DPkg::Lock::Timeout=120"]
    if os.geteuid() == 0:
        return quiet
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return ["sudo", "-n", *quiet]
    return None


def advice(needs: Iterable[Need]) -> str:
    """Say what is missing and the exact command that brings it."""
    needs = list(needs)
    names = ", ".join(need.name for need in needs)
    if shutil.which("dnf") and not shutil.which("apt-get"):
        system, command = "On this machine", "sudo dnf install " + " ".join(_rpm_capability(need) for need in needs)
    else:
        system = "On Debian and Ubuntu"
        command = "sudo apt-get install " + " ".join(sorted({need.package for need in needs}))
    return (
        f"Missing on this machine: {names}.\n\n{system} an administrator installs that with:\n\n    {command}\n\n"
        "Then give the same command again."
    )


def _rpm_capability(need: Need) -> str:
    """Name a need as Fedora and its relatives find it: by library, or by the program's path."""
    if ".so." in need.name:
        return f"'{need.name}()(64bit)'"
    if need.name.startswith("/"):
        return need.name
    return f"/usr/bin/{need.name}" if need.name in TEST_PROGRAMS else "python3"


def _programs(purpose: str) -> dict[str, str]:
    chosen = {"test": TEST_PROGRAMS, "package": PACKAGE_PROGRAMS, "package-test": PACKAGE_TEST_PROGRAMS}
    return chosen.get(purpose, VIRTUAL_DISPLAY)


def _apt_install(apt_get: list[str], packages: list[str]) -> bool:
    """Install, and only when that fails mend an interrupted dpkg, read the package lists and try once more."""
    command = [*apt_get, "install", "-y", "--no-install-recommends", *packages]
    privilege = apt_get[: apt_get.index("env")]
    for package in packages:
        if package in ANSWERS and shutil.which("debconf-set-selections"):
            _run_quietly([*privilege, "sh", "-c", f"echo '{ANSWERS[package]}' | debconf-set-selections"])
    if _run_quietly(command):
        return True
    _run_quietly([*privilege, "env", "DEBIAN_FRONTEND=noninteractive", "dpkg", "--configure", "-a"])
    _run_quietly([*apt_get, "update"])
    return _run_quietly(command, tell=True)


def _run_quietly(command: list[str], *, tell: bool = False) -> bool:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        print(error, file=sys.stderr)
        return False
    if done.returncode and tell:
        print("\n".join((done.stdout + done.stderr).splitlines()[-8:]), file=sys.stderr)
    return done.returncode == 0
