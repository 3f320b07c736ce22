"""A D-Bus session and a GNOME Keyring of a test's own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import secretstorage
import secretstorage.util

PASSWORD = b"opens the keyring"

_CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir={directory}</listen>
  <auth>EXTERNAL</auth>
  {services}
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
    {denied}
  </policy>
</busconfig>
"""
_DENIED = '<deny send_destination="org.freedesktop.secrets"/>'
_SERVICES = "<standard_session_servicedirs/>"


class Session:
    """A session bus in a home of its own. ``activates`` starts services that are asked for; ``denies`` the keyring."""

    def __init__(self, *, activates: bool = False, denies: bool = False) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="smtpy-session-"))
        self._activates = activates
        self._denies = denies
        self.bus: subprocess.Popen[bytes] | None = None
        self.keyring: subprocess.Popen[bytes] | None = None
        runtime = self.home / "run"
        runtime.mkdir(mode=0o700)
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "XDG_DATA_HOME": str(self.home / "data"),
            "XDG_RUNTIME_DIR": str(runtime),
        }

    def start_bus(self) -> None:
        configuration = self.home / "bus.conf"
        configuration.write_text(
            _CONFIGURATION.format(
                directory=self.home / "run",
                services=_SERVICES if self._activates else "",
                denied=_DENIED if self._denies else "",
            )
        )
        self.bus = subprocess.Popen(
            ["dbus-daemon", f"--config-file={configuration}", "--nofork", "--print-address=1"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self.environment,
        )
        assert self.bus.stdout is not None
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = self.bus.stdout.readline().decode().strip()

    def start_keyring(self) -> None:
        """Start the keyring and open its login keyring (made when there is none)."""
        self.keyring = subprocess.Popen(
            ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self.environment,
        )
        assert self.keyring.stdin is not None
        self.keyring.stdin.write(PASSWORD)
        self.keyring.stdin.close()

    def unlock(self) -> None:
        """Open the login keyring of the running daemon with its password, without a prompt."""
        with closing(secretstorage.dbus_init()) as connection:
            session = secretstorage.util.open_session(connection)
            service = secretstorage.util.DBusAddressWrapper(
                "/org/freedesktop/secrets", "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface", connection
            )
            collection = "/org/freedesktop/secrets/collection/login"
            secret = secretstorage.util.format_secret(session, PASSWORD, "text/plain")
            service.call("UnlockWithMasterPassword", "o(oayays)", collection, secret)

    def lock(self) -> None:
        with closing(secretstorage.dbus_init()) as connection:
            secretstorage.Collection(connection).lock()

    def stop_keyring(self) -> None:
        """Kill the keyring daemon."""
        if self.keyring is not None:
            self.keyring.kill()
            self.keyring.wait(10)
            self.keyring = None

    def end(self) -> None:
        """End everything, services that the bus has started included."""
        for process in (self.keyring, self.bus):
            if process is not None:
                process.send_signal(signal.SIGCONT)
        self.stop_keyring()
        if self.bus is not None:
            self.bus.terminate()
            self.bus.wait(10)
            assert self.bus.stdout is not None
            self.bus.stdout.close()
        shutil.rmtree(self.home, ignore_errors=True)

    def files_with(self, secret: str) -> list[Path]:
        """Find the files of this session that hold a text in the clear."""
        found = [path for path in self.home.rglob("*") if path.is_file()]
        return [path for path in found if secret.encode() in path.read_bytes()]


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Ask again and again until something that another process does has happened."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
