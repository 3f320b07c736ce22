"""Whether Qt can open windows here, found out in a process of its own (a missing library would end this one)."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

from smtpy_desktop.core.secret_variables import without_secrets
from smtpy_desktop.schemas.health import HealthState, PartHealth
from smtpy_desktop.schemas.text import text

_SCRIPT = "import PySide6.QtCore, PySide6.QtGui, PySide6.QtWidgets, PySide6.QtSvg; print(PySide6.__version__)"
_PROBE = "--probe-qt"
"""What the packaged program is asked with instead (packaging/runtime_hook.py): it cannot run a script."""
_SECONDS = 30


def probe_qt() -> PartHealth:
    """Return the health of Qt; blocking."""
    if importlib.util.find_spec("PySide6") is None:
        return PartHealth(
            "qt",
            HealthState.PROBLEM,
            text("PySide6 is not installed; the window cannot open."),
            text("Install the package PySide6-Essentials. The command line works without it."),
        )
    question = [_PROBE] if getattr(sys, "frozen", False) else ["-c", _SCRIPT]
    environment = without_secrets(os.environ) | {"QT_QPA_PLATFORM": "offscreen"}
    result = subprocess.run(
        [sys.executable, *question], capture_output=True, text=True, env=environment, timeout=_SECONDS, check=False
    )
    if result.returncode == 0:
        return PartHealth("qt", HealthState.OK, text("PySide6 {version}", version=result.stdout.strip()))
    reason = (result.stderr.strip().splitlines() or ["no reason given"])[-1]
    return PartHealth(
        "qt",
        HealthState.PROBLEM,
        text("Qt cannot be loaded: {reason}", reason=reason),
        text("A library of the system is missing; README.md names the packages. The command line works without them."),
    )
