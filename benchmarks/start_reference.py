"""The reference of the start: the server by ``pg_ctl``, then a bare window with a table, in one plain script."""

from __future__ import annotations

import os
import subprocess
import sys

READY = "ready"
_ROWS, _COLUMNS = 1000, 8


def main() -> None:
    """Start the server as the account given (numbers, or nothing), show the window, say so, and end."""
    pg_ctl, data, log, *account = sys.argv[1:]
    uid, gid = (int(number) for number in account) if account else (os.getuid(), os.getgid())
    subprocess.run(
        [pg_ctl, "--pgdata", data, "-w", "-l", log, "start"],
        user=uid,
        group=gid,
        extra_groups=[] if account else None,
        cwd="/",
        stdout=subprocess.DEVNULL,
        check=True,
    )

    from PySide6.QtCore import QEvent, QObject, QTimer
    from PySide6.QtGui import QStandardItem, QStandardItemModel
    from PySide6.QtWidgets import QApplication, QMainWindow, QTableView

    class PaintWatch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                watched.removeEventFilter(self)
                QTimer.singleShot(0, end)
            return False

    def end() -> None:
        print(READY, flush=True)
        app.quit()

    app = QApplication([])
    model = QStandardItemModel()
    for row in range(_ROWS):
        model.appendRow([QStandardItem(f"{row} {column}") for column in range(_COLUMNS)])
    window = QMainWindow()
    table = QTableView()
    table.setModel(model)
    window.setCentralWidget(table)
    window.resize(1440, 900)
    watch = PaintWatch()
    table.viewport().installEventFilter(watch)
    window.show()
    app.exec()


if __name__ == "__main__":
    main()
