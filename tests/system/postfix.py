"""A Debian Postfix of a test's own: configuration, queue and data in a directory that goes with it.

Nothing of the system's own Postfix is touched. It needs root, as Postfix does.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.postfix_services import postfix_services

LOOPBACK = "127.0.0.1"

_SETTINGS = {
    "compatibility_level": "3.6",
    "mydestination": "",
    "inet_interfaces": "loopback-only",
    "inet_protocols": "ipv4",
    "alias_maps": "",
    "alias_database": "",
    "smtpd_client_connection_rate_limit": "0",
    # A test does not wait five minutes for the next try.
    "queue_run_delay": "1s",
    "minimal_backoff_time": "1s",
    "maximal_backoff_time": "1s",
}


DEPLOYED = Path(__file__).parents[2] / "deploy" / "postfix"


def deployed_settings(name: str) -> dict[str, str]:
    """Return the settings of a file that is handed out in ``deploy/postfix``: of main.cf, or of a service's line."""
    lines = (DEPLOYED / name).read_text(encoding="utf-8").splitlines()
    pairs = (line.strip().removeprefix("-o ").partition("=") for line in lines if line[:1] not in ("#", ""))
    found = {key.strip(): value.strip() for key, is_setting, value in pairs if is_setting}
    return {key: value for key, value in found.items() if " " not in key}


class Postfix:
    """A running instance; ``settings`` are those of main.cf, by their names."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.configuration = directory / "etc"

    def command(self, word: str) -> None:
        """Run ``postfix WORD``; raise AssertionError with what it says when that fails."""
        command = ["postfix", "-c", str(self.configuration), word]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"postfix {word}: {done.stderr}{done.stdout}{self.log}"

    @property
    def log(self) -> str:
        """What it has logged."""
        path = self.directory / "log" / "maillog"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    @property
    def queue(self) -> str:
        """What waits, as ``postqueue -p`` shows it."""
        command = ["postqueue", "-c", str(self.configuration), "-p"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def free_port() -> int:
    """Return a port of loopback that nobody uses now."""
    with socket.socket() as trial:
        trial.bind((LOOPBACK, 0))
        return int(trial.getsockname()[1])


@contextmanager
def running_postfix(settings: Mapping[str, str], ports: Mapping[int, Mapping[str, str]]) -> Iterator[Postfix]:
    """Run an instance that takes mail at some ports of loopback, each with settings of its own."""
    directory = Path(tempfile.mkdtemp(prefix="smtpy-postfix-", dir="/var/tmp"))
    directory.chmod(0o755)
    for name in ("etc", "queue", "data", "log"):
        (directory / name).mkdir()
    shutil.chown(directory / "data", "postfix")
    postfix = Postfix(directory)
    own = {
        "queue_directory": str(directory / "queue"),
        "data_directory": str(directory / "data"),
        "maillog_file": str(directory / "log" / "maillog"),
        "maillog_file_prefixes": str(directory),
        "multi_instance_name": f"postfix-{directory.name}",
        "multi_instance_enable": "yes",
    }
    lines = "".join(f"{name} = {value}\n" for name, value in {**_SETTINGS, **own, **settings}.items())
    (postfix.configuration / "main.cf").write_text(lines, encoding="ascii")
    services = "".join(
        f"{LOOPBACK}:{port} inet n - n - - smtpd\n" + "".join(f"  -o {name}={value}\n" for name, value in each.items())
        for port, each in ports.items()
    )
    (postfix.configuration / "master.cf").write_text(services + postfix_services(queue_seconds=1), encoding="ascii")
    try:
        postfix.command("start")
        for port in ports:
            _wait_for(port)
        yield postfix
    finally:
        subprocess.run(["postfix", "-c", str(postfix.configuration), "stop"], capture_output=True, check=False)
        shutil.rmtree(directory, ignore_errors=True)


def _wait_for(port: int, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection((LOOPBACK, port), 1).close()
        except OSError:
            assert time.monotonic() < deadline, f"nobody listens at {port}"
            time.sleep(0.02)
        else:
            return
