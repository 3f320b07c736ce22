"""Make everything ready for one of the Makefile's commands, and do nothing where it is ready already.

Only the standard library is used, and nothing newer than Python 3.8 before the version is checked.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import TYPE_CHECKING

from tools import system_packages

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = (3, 11)
NEWER_PYTHONS = ("python3.14", "python3.13", "python3.12", "python3.11")
INPUTS = ("pyproject.toml", "constraints.txt")
BUILD_REQUIREMENT = "setuptools"
PURPOSES = ("setup", "run", "test", "check", "tour", "bench", "package", "package-test", "package-bench")
PACKAGE_ENVIRONMENT = ".venv-package"
"""Where the packaged program is built: nothing else is installed there, so nothing else can get into it."""


class SetupError(Exception):
    """The set-up cannot go on; the text says why and what to do."""


class Environment:
    """A virtual environment of one clone, and the two marks that tell what state it is in.

    ``extra`` names the group of packages that it has beside what the program itself needs. ``stamp`` holds the
    fingerprint of what was installed; ``unfinished`` exists from before the first change until after the last one, so
    that a set-up killed in between is recognised and started afresh.
    """

    def __init__(self, root: Path, directory: str = ".venv", extra: str = "dev") -> None:
        self.root = root
        self.extra = extra
        self.directory = root / directory
        self.stamp = self.directory / "setup-stamp"
        self.unfinished = self.directory / "setup-unfinished"
        programs = "Scripts" if os.name == "nt" else "bin"
        self.python = self.directory / programs / ("python.exe" if os.name == "nt" else "python")

    def fingerprint(self) -> str:
        """Return what the installed state depends on: the inputs, this Python, and where the clone lies."""
        digest = hashlib.sha256(f"{sys.version}\n{os.path.realpath(sys.executable)}\n{self.root}\n".encode())
        for name in INPUTS:
            digest.update((self.root / name).read_bytes())
        return digest.hexdigest()

    def is_ready(self) -> bool:
        """Tell whether exactly this state is installed and whole."""
        if self.unfinished.exists() or not self.python.exists():
            return False
        try:
            return self.stamp.read_text(encoding="ascii") == self.fingerprint()
        except OSError:
            return False

    def install(self) -> None:
        """Bring the environment to the pinned state; a half-made one is thrown away first."""
        if self.unfinished.exists() or not self._is_this_python():
            shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.mkdir(exist_ok=True)
        self.unfinished.touch()
        self.stamp.unlink(missing_ok=True)
        if not self.python.exists():
            print(f"Making a virtual environment in {self.directory.name} …", flush=True)
            _make_environment(self.directory)
        print("Installing the pinned Python packages (the first time this may take some minutes) …", flush=True)
        # The build requirement is pinned, too; without build isolation nothing unpinned is fetched behind our back.
        self._pip("install", BUILD_REQUIREMENT)
        self._pip("install", "--use-pep517", "--no-build-isolation", "--editable", f".[{self.extra}]")
        self.stamp.write_text(self.fingerprint(), encoding="ascii")
        self.unfinished.unlink()

    def _is_this_python(self) -> bool:
        """Tell whether the environment was made by a Python of this minor version at this place."""
        library = self.directory / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
        if os.name == "nt":
            library = self.directory / "Lib"
        try:
            script = (self.python.parent / "pip").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return False
        return library.is_dir() and self.python.exists() and str(self.directory) in script

    def _pip(self, *arguments: str) -> None:
        command = [str(self.python), "-m", "pip", *arguments, "--constraint", "constraints.txt"]
        command += ["--quiet", "--no-input", "--disable-pip-version-check"]
        # close_fds=False: pip inherits the lock, so that the next set-up waits for a pip that outlived a killed one.
        done = subprocess.run(command, cwd=self.root, stdin=subprocess.DEVNULL, close_fds=False, check=False)
        if done.returncode:
            message = (
                "pip could not install the Python packages; its message is above. Is the package index reachable?\n"
            )
            raise SetupError(message + "Nothing is lost: give the same command again to try once more.")


def main(arguments: list[str] | None = None) -> int:
    """Make the machine ready for one command; return the exit status for make."""
    parser = argparse.ArgumentParser(prog="setup", description="Make everything ready for a command of the Makefile.")
    parser.add_argument("purpose", nargs="?", default="setup", choices=PURPOSES)
    purpose = parser.parse_args(arguments).purpose
    try:
        check_python(sys.version_info[:2])
        provide_system(purpose)
        environment = Environment(ROOT, PACKAGE_ENVIRONMENT, "package") if purpose == "package" else Environment(ROOT)
        if not environment.is_ready():
            with one_at_a_time(ROOT / "pyproject.toml"):
                if not environment.is_ready():
                    environment.install()
    except SetupError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; the next command starts the set-up afresh.", file=sys.stderr)
        return 130
    if purpose == "setup":
        print("Ready: `make run` opens the app, `make test` runs the tests.")
    return 0


def check_python(version: tuple[int, ...]) -> None:
    """Refuse a Python that is too old, and name a newer one where there is one."""
    if version >= OLDEST_PYTHON:
        return
    newer = next((name for name in NEWER_PYTHONS if shutil.which(name)), None)
    found = ".".join(str(part) for part in version)
    advice = (
        f"This machine has {newer}: give the command as `make PYTHON={newer} …`."
        if newer
        else "Install a newer Python (Debian 12 and Ubuntu 24.04 have one: sudo apt-get install python3 python3-venv)."
    )
    message = f"SMTPy Desktop needs Python 3.11 or newer; python3 here is {found}.\n{advice}"
    raise SetupError(message)


def provide_system(purpose: str) -> None:
    """Install missing system packages where that is allowed; refuse to go on without a required one."""
    missing = system_packages.missing_needs(purpose, os.environ)
    if missing:
        missing = system_packages.install(missing, purpose)
    required = [need for need in missing if need.required]
    if required:
        raise SetupError(system_packages.advice(required))
    if missing and purpose in ("test", "package-test"):
        packages = " ".join(sorted({need.package for need in missing}))
        print(f"Tests that need {packages} will be skipped (to run them: sudo apt-get install {packages}).")


@contextlib.contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Hold a lock on a file of the clone, so that two commands at once do not install into each other's way."""
    if os.name == "nt":
        yield
        return
    import fcntl

    with path.open("rb") as handle:
        os.set_inheritable(handle.fileno(), True)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another set-up is at work in this clone; waiting for it …", flush=True)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _make_environment(directory: Path) -> None:
    """Create the environment by the standard library; explain a failure instead of a traceback."""
    try:
        venv.EnvBuilder(with_pip=True, symlinks=os.name != "nt").create(directory)
    except (OSError, subprocess.CalledProcessError) as error:
        message = f"The virtual environment could not be made in {directory}: {error}\n"
        raise SetupError(message + "Is the disk full, or python3-venv not installed?") from error


if __name__ == "__main__":
    sys.exit(main())
