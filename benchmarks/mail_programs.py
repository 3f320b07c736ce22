"""The programs that the mail figures stand on: Postfix's own load generator and sink, and a Postfix that forwards.

All come from Debian's package postfix. Every process ends with its block, and nothing of the system's own Postfix is
touched: the instance has configuration, queue and data in a directory of its own.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.postfix_services import postfix_services

SOURCE, SINK, POSTFIX = "/usr/sbin/smtp-source", "/usr/sbin/smtp-sink", "/usr/sbin/postfix"
LOOPBACK = "127.0.0.1"
MESSAGE_BYTES = 10_240
SESSIONS = 20
_COUNTED = re.compile(rb"mesg=(\d+)")
_SECONDS_WITHOUT_NEWS = 60.0


class ProgramsMissingError(Exception):
    """The package postfix is not installed."""


def require_programs() -> None:
    """Raise ProgramsMissingError unless everything is there, and this account may use it."""
    missing = [name for name in (SOURCE, SINK, POSTFIX) if not Path(name).exists()]
    if missing or os.geteuid() != 0:
        raise ProgramsMissingError(
            "needs root and Debian's postfix: sudo apt-get install --no-install-recommends postfix"
        )


def free_port() -> int:
    """Return a port of loopback that nobody uses now."""
    with socket.socket() as trial:
        trial.bind((LOOPBACK, 0))
        port: int = trial.getsockname()[1]
        return port


def wait_for_port(port: int, seconds: float = 30.0) -> None:
    """Wait until somebody answers at a port of loopback."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection((LOOPBACK, port), 1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


class CountingSink:
    """A process of smtp-sink that counts what it takes and throws it away."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self._process, self.port = process, port
        self._tail = b""
        self.count = 0

    def wait_for(self, count: int) -> float:
        """Wait until so many messages have come in all, and return the moment (perf_counter); raise TimeoutError."""
        assert self._process.stdout is not None
        os.set_blocking(self._process.stdout.fileno(), False)
        last_news = time.perf_counter()
        while self.count < count:
            data = self._process.stdout.read() or b""
            found = _COUNTED.findall(self._tail + data)
            self._tail = (self._tail + data)[-64:]
            now = time.perf_counter()
            if found and int(found[-1]) > self.count:
                self.count, last_news = int(found[-1]), now
            elif now - last_news > _SECONDS_WITHOUT_NEWS:
                raise TimeoutError(f"{self.count} of {count} messages came")
            time.sleep(0.002)
        return time.perf_counter()


@contextmanager
def counting_sink() -> Iterator[CountingSink]:
    """Run a sink."""
    port = free_port()
    command = [SINK, "-u", "postfix", "-c", f"{LOOPBACK}:{port}", "1000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            wait_for_port(port)
            yield CountingSink(process, port)
        finally:
            process.kill()


def send(ports: Sequence[int], count: int, recipient: str, *, sessions: int = SESSIONS) -> None:
    """Send messages over so many sessions at once, a new connection for each message; return when all are accepted."""
    share = len(ports)
    processes = [
        subprocess.Popen(
            [
                *(SOURCE, "-s", str(sessions // share), "-m", str(count // share), "-l", str(MESSAGE_BYTES)),
                *("-f", "load@sender.example", "-t", recipient, f"inet:{LOOPBACK}:{port}"),
            ]
        )
        for port in ports
    ]
    statuses = [process.wait() for process in processes]
    if any(statuses):
        raise RuntimeError(f"smtp-source ended with {statuses}")


@dataclass(frozen=True, slots=True)
class Rates:
    """Messages per second: accepted from the clients, and from the first connection until the last is in the sink."""

    accepted: float
    end_to_end: float


def measure(ports: Sequence[int], sink: CountingSink, count: int, recipient: str) -> Rates:
    """Send messages and wait until the sink has them all."""
    goal = sink.count + count
    started = time.perf_counter()
    send(ports, count, recipient)
    accepted = time.perf_counter()
    delivered = sink.wait_for(goal)
    return Rates(count / (accepted - started), count / (delivered - started))


@contextmanager
def forwarding_postfix(sink_port: int, alias: str, target: str) -> Iterator[int]:
    """Run a Postfix that forwards one alias to one target by a virtual alias; give its port."""
    directory = Path(tempfile.mkdtemp(prefix="smtpy-postfix-", dir="/var/tmp"))
    directory.chmod(0o755)
    port = free_port()
    configuration = directory / "etc"
    configuration.mkdir()
    (configuration / "main.cf").write_text(_main(directory, sink_port, alias, target), encoding="ascii")
    listening = f"{LOOPBACK}:{port} inet n - n - - smtpd\n"
    (configuration / "master.cf").write_text(listening + postfix_services(queue_seconds=300), encoding="ascii")
    for name in ("queue", "data", "log"):
        (directory / name).mkdir()
    shutil.chown(directory / "data", "postfix")
    try:
        _postfix(configuration, "start")
        wait_for_port(port)
        yield port
    finally:
        _postfix(configuration, "stop")
        shutil.rmtree(directory, ignore_errors=True)


def _postfix(configuration: Path, word: str) -> None:
    done = subprocess.run([POSTFIX, "-c", str(configuration), word], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"postfix {word}: {done.stderr}{done.stdout}")


def _main(directory: Path, sink_port: int, alias: str, target: str) -> str:
    """Return Debian's defaults but for where it lies, where it listens, and what it forwards."""
    lines = {
        "compatibility_level": "3.6",
        "queue_directory": directory / "queue",
        "data_directory": directory / "data",
        "maillog_file": directory / "log" / "maillog",
        "maillog_file_prefixes": directory,
        "multi_instance_name": "postfix-bench",
        "multi_instance_enable": "yes",
        "multi_instance_group": "bench",
        "myhostname": "mx.bench.example",
        "mydestination": "",
        "inet_interfaces": "loopback-only",
        "inet_protocols": "ipv4",
        "mynetworks": "127.0.0.0/8",
        "virtual_alias_domains": alias.partition("@")[2],
        "virtual_alias_maps": "inline:{ {" + f"{alias}={target}" + "} }",
        "relayhost": f"[{LOOPBACK}]:{sink_port}",
        "alias_maps": "",
        "alias_database": "",
        "smtpd_relay_restrictions": "permit_mynetworks, reject",
    }
    return "".join(f"{name} = {value}\n" for name, value in lines.items())
