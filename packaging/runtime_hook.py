"""What the packaged program does before anything else of it runs.

The launcher may have put the program's own libraries into ``LD_LIBRARY_PATH``. They are loaded from there already; the
programs that we start (PostgreSQL's, Xvfb, a browser) must find theirs, so the variable becomes what it was before.
And Qt loads plugins from our own directory alone: those of another Qt would not fit, and those of a directory that
others may write to would run with our rights.
"""

import os
import sys

_ORIGINAL = "LD_LIBRARY_PATH_ORIG"
PROBE = "--probe-qt"

if sys.platform.startswith("linux"):
    before = os.environ.pop(_ORIGINAL, None)
    if before:
        os.environ["LD_LIBRARY_PATH"] = before
    else:
        os.environ.pop("LD_LIBRARY_PATH", None)

for name in ("QT_PLUGIN_PATH", "QT_QPA_PLATFORM_PLUGIN_PATH"):
    os.environ.pop(name, None)

if sys.argv[1:] == [PROBE]:
    # Asked by the self-test, in a process of its own: a missing library would end the one that asks.
    import PySide6.QtCore
    import PySide6.QtGui
    import PySide6.QtNetwork
    import PySide6.QtSvg
    import PySide6.QtWidgets

    PySide6.QtGui.QGuiApplication(["probe"])
    print(PySide6.__version__)
    raise SystemExit(0)
