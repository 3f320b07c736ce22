"""A screen for the window: the one there is, or a virtual one. Part of the composition root.

Qt ends the whole process when it cannot open a display, so everything it would stumble over is tried before.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import secrets
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator, MutableMapping
from pathlib import Path

from smtpy_desktop.core.secret_variables import without_secrets
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.text import text

_NEEDED_BY_QT = ("libGL.so.1", "libEGL.so.1", "libxkbcommon.so.0", "libdbus-1.so.3", "libfontconfig.so.1")
_NEEDED_BY_XCB = (
    "libxkbcommon-x11.so.0",
    "libxcb-cursor.so.0",
    "libxcb-icccm.so.4",
    "libxcb-image.so.0",
    "libxcb-keysyms.so.1",
    "libxcb-randr.so.0",
    "libxcb-render-util.so.0",
    "libxcb-shape.so.0",
    "libxcb-xkb.so.1",
)
_SCREEN = "1440x900x24"
_START_SECONDS = 15.0
_ANY_DISPLAY = 65535  # FamilyWild of Xauth: the entry counts for every display


@contextlib.contextmanager
def prepared_display(*, offscreen: bool = False) -> Iterator[str | None]:
    """Make sure that Qt can open a window inside the block; yield what to tell about it (None: nothing special).

    Raises UserFacingError naming what is missing.
    """
    if sys.platform != "linux":
        yield None
        return
    if offscreen:
        with _offscreen():
            yield None
        return
    _require_libraries(_NEEDED_BY_QT)
    platform = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if (platform and platform != "xcb") or _has_wayland(os.environ):
        yield None
        return
    _require_libraries(_NEEDED_BY_XCB)
    if _opens(os.environ.get("DISPLAY", "")):
        yield None
        return
    with _virtual_display() as name:
        yield f"There is no display; the window is on the virtual display {name} (Xvfb)."


@contextlib.contextmanager
def _offscreen() -> Iterator[None]:
    """Let Qt draw into memory, on a screen of a usual size (its own default is 800 by 800)."""
    _require_libraries(_NEEDED_BY_QT)
    scale = _scale_factor()
    width, height = round(1920 * scale), round(1080 * scale)
    screen = {"name": "offscreen", "x": 0, "y": 0, "width": width, "height": height, "logicalDpi": 96, "dpr": 1}
    with tempfile.TemporaryDirectory(prefix="smtpy-display-") as directory:
        description = Path(directory) / "screens.json"
        description.write_text(json.dumps({"screens": [screen]}), encoding="utf-8")
        os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={description}"
        yield


def _scale_factor() -> float:
    """How many pixels Qt is to give a point: a screen in memory has to grow with it, or the window would not fit."""
    try:
        return max(1.0, float(os.environ.get("QT_SCALE_FACTOR", "1")))
    except ValueError:
        return 1.0


def _has_wayland(environment: MutableMapping[str, str]) -> bool:
    """Whether a Wayland compositor answers; without one a stale variable must not mislead Qt."""
    name = environment.get("WAYLAND_DISPLAY", "")
    if not name:
        return False
    path = Path(environment.get("XDG_RUNTIME_DIR", "/nowhere")) / name
    if path.is_socket():
        return True
    environment.pop("WAYLAND_DISPLAY")
    return False


def _opens(name: str) -> bool:
    """Whether an X server answers under a name and lets us in."""
    if not name:
        return False
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(name.encode(), None)
    try:
        return bool(xcb.xcb_connection_has_error(connection) == 0)
    finally:
        xcb.xcb_disconnect(connection)


def _require_libraries(names: tuple[str, ...]) -> None:
    missing = [name for name in names if not _loads(name)]
    if missing:
        raise UserFacingError(
            "QT_LIBRARIES_MISSING",
            text("The window cannot open: libraries of the system are missing."),
            detail=text("Missing: {names}.", names=", ".join(missing)),
            hint=text(
                "Install the packages that the README names (make setup in a clone). Commands work without them."
            ),
        )


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


@contextlib.contextmanager
def _virtual_display() -> Iterator[str]:
    program = shutil.which("Xvfb")
    if program is None:
        raise UserFacingError(
            "NO_DISPLAY",
            text("There is no display, and no virtual one can be started."),
            hint=text("Install Xvfb (sudo apt-get install xvfb), or set DISPLAY. Commands work without a display."),
        )
    with tempfile.TemporaryDirectory(prefix="smtpy-display-") as directory:
        authority = Path(directory) / "authority"
        authority.write_bytes(_authority_entry(secrets.token_bytes(16)))
        authority.chmod(0o600)
        reading, writing = os.pipe()
        server = subprocess.Popen(
            [program, "-displayfd", str(writing), "-screen", "0", _SCREEN, "-nolisten", "tcp", "-auth", str(authority)],
            pass_fds=(writing,),
            env=without_secrets(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl+C is for us; we end the server when we are done
        )
        os.close(writing)
        try:
            name = f":{_read_number(reading)}"
            os.environ |= {"DISPLAY": name, "XAUTHORITY": str(authority), "QT_QPA_PLATFORM": "xcb"}
            yield name
        finally:
            os.close(reading)
            server.terminate()
            server.wait(_START_SECONDS)


def _read_number(descriptor: int) -> int:
    """Read the display's number, which the server writes once it is ready (nothing when it has failed)."""
    written = b""
    while not written.endswith(b"\n"):
        more = os.read(descriptor, 16)
        if not more:
            raise UserFacingError(
                "NO_DISPLAY",
                text("There is no display, and the virtual one (Xvfb) does not start."),
                hint=text("Try Xvfb in a terminal to see why, or set DISPLAY."),
            )
        written += more
    return int(written)


def _authority_entry(cookie: bytes) -> bytes:
    """Return an Xauthority file with one cookie for every display, so that only we may look at the window."""
    fields = (b"", b"", b"MIT-MAGIC-COOKIE-1", cookie)
    return struct.pack(">H", _ANY_DISPLAY) + b"".join(struct.pack(">H", len(field)) + field for field in fields)
