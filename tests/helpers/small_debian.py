"""A minimal Debian in a directory, made by debootstrap from the mirror that this machine's apt uses, and run by chroot.

It has no Python. Programs in it see a network without anything but the machine itself, except while packages are
installed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.helpers.command_line import Outcome

RELEASE = "bookworm"
USER, USER_ID = "tester", 4711
_ENTER = """
set -e
mount -t proc proc "$0/proc"
mount --bind /dev "$0/dev"
mount -t tmpfs -o mode=1777 shm "$0/dev/shm"
exec chroot "$@"
"""
_BASE_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}


class LonelyNetwork:
    """A process in a network namespace of its own, which others may enter by its id."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            ["unshare", "--net", sys.executable, "-m", "tests.helpers.lonely_network"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    @property
    def entering(self) -> list[str]:
        """The command that runs another one in this network."""
        return ["nsenter", f"--net=/proc/{self._process.pid}/ns/net"]

    def close(self) -> None:
        self._process.communicate(timeout=20)


class SmallDebian:
    """The system in ``directory``; ``network`` is what its programs see."""

    def __init__(self, directory: Path, network: LonelyNetwork) -> None:
        self.directory = directory
        self.network = network
        self.home = directory / "home" / USER

    @classmethod
    def make(cls, directory: Path, base: Path, network: LonelyNetwork) -> SmallDebian:
        """Make a fresh one; ``base`` keeps what debootstrap made, so that the next one is a copy."""
        if not (base / "etc" / "debian_version").exists():
            shutil.rmtree(base, ignore_errors=True)
            _run(["debootstrap", "--variant=minbase", RELEASE, str(base), _mirrors()[0][1]], 900)
        shutil.rmtree(directory, ignore_errors=True)
        _run(["cp", "-a", "--reflink=auto", str(base), str(directory)], 120)
        system = cls(directory, network)
        lines = "".join(f"{kind} {rest}\n" for kind, *words in _mirrors() for rest in [" ".join(words)])
        (directory / "etc" / "apt" / "sources.list").write_text(lines, encoding="ascii")
        for name in ("hosts", "resolv.conf"):
            shutil.copyfile(f"/etc/{name}", directory / "etc" / name)
        system.as_root("apt-get", "-q", "update", online=True)
        system.as_root("useradd", "-m", "-u", str(USER_ID), "-s", "/bin/bash", USER)
        (directory / "etc" / "resolv.conf").write_text("nameserver 127.0.0.1\n", encoding="ascii")
        return system

    def install(self, *packages: str, recommends: bool = False) -> Outcome:
        """Install Debian's packages, or files given by their path inside, with what they depend on."""
        more = [] if recommends else ["--no-install-recommends"]
        shutil.copyfile("/etc/resolv.conf", self.directory / "etc" / "resolv.conf")
        try:
            return self.as_root("apt-get", "-q", "install", "-y", "--allow-downgrades", *more, *packages, online=True)
        finally:
            (self.directory / "etc" / "resolv.conf").write_text("nameserver 127.0.0.1\n", encoding="ascii")

    def as_root(self, *command: str, online: bool = False) -> Outcome:
        """Run a command as root; it must succeed."""
        outcome = self._finish(self.start(command, user="root", home="/root", online=online), 600)
        assert outcome.status == 0, outcome.output + outcome.errors
        return outcome

    def as_user(
        self, *command: str, environment: Mapping[str, str] | None = None, cwd: str = "", seconds: float = 120
    ) -> Outcome:
        """Run a command as the ordinary user and return what it came to."""
        return self._finish(self.start(command, environment=environment, cwd=cwd), seconds)

    def start(
        self,
        command: Sequence[str],
        *,
        user: str = USER,
        home: str = f"/home/{USER}",
        online: bool = False,
        environment: Mapping[str, str] | None = None,
        cwd: str = "",
    ) -> subprocess.Popen[str]:
        """Start a command and return its process."""
        variables = {**_BASE_ENVIRONMENT, "HOME": home, **(environment or {})}
        inner = ["sh", "-c", 'cd "$0" && exec "$@"', cwd or home, *command]
        entering = ["unshare", "--mount", "sh", "-c", _ENTER, str(self.directory)]
        entering += [f"--userspec={user}", str(self.directory), *inner]
        return subprocess.Popen(
            [*([] if online else self.network.entering), *entering],
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def processes(self) -> Iterator[tuple[int, Path]]:
        """Yield the processes that run in this system, and their programs as they see them."""
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if (entry / "root").readlink() == self.directory:
                    program = (entry / "exe").readlink()
                    yield int(entry.name), Path("/") / program.relative_to(self.directory)

    def close(self) -> None:
        """End what still runs in it, and remove it."""
        for pid, _program in list(self.processes()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        until = time.monotonic() + 20
        while list(self.processes()) and time.monotonic() < until:
            time.sleep(0.05)
        shutil.rmtree(self.directory, ignore_errors=True)

    @staticmethod
    def _finish(process: subprocess.Popen[str], seconds: float) -> Outcome:
        try:
            output, errors = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            output, errors = process.communicate()
            raise AssertionError(f"still running after {seconds} s:\n{output}\n{errors}") from None
        return Outcome(process.returncode, output, errors)


def _mirrors() -> list[tuple[str, ...]]:
    """Return where this machine's apt gets Debian's packages from, as lines of ``sources.list`` in words."""
    form = "deb $(REPO_URI) $(RELEASE) $(COMPONENT)"
    command = ["apt-get", "indextargets", "--format", form, "Created-By: Packages"]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines = [tuple(line.split()) for line in output.splitlines() if f" {RELEASE}" in line]
    assert lines, f"apt here knows no mirror of Debian's {RELEASE}"
    return sorted(lines, key=lambda line: line[2])


def _run(command: list[str], seconds: float) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
