"""What the packaged program does before anything else of it runs.

The launcher has put the program's own libraries into ``LD_LIBRARY_PATH``. They are loaded from there already; the
programs that we start (PostgreSQL's, Xvfb, a browser) must find theirs, so the variable becomes what it was before.
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
