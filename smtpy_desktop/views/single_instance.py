"""One window per profile: a second start raises the first one's window."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QDeadlineTimer, QObject, QThread, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_ANSWER_MILLISECONDS = 500
_PATIENCE_MILLISECONDS = 30_000  # the first one may have just begun to start, on a machine that has much to do
_LONGEST_PATH = 90


class SingleInstance(QObject):
    """Listens for later starts of the same profile; ``raised`` fires when there was one.

    Who is the first is decided by a lock on a file, which a killed process loses; a socket it left is taken over.
    """

    raised = Signal()

    def __init__(self, directory: Path, profile_id: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)
        name = _socket_name(directory, profile_id)
        QLocalServer.removeServer(name)
        self._server.listen(name)

    def close(self) -> None:
        """Let go of the name."""
        self._server.close()

    def _on_connection(self) -> None:
        connection = self._server.nextPendingConnection()
        if connection is not None:
            connection.disconnected.connect(connection.deleteLater)
        self.raised.emit()


def raise_first_window(directory: Path, profile_id: str) -> bool:
    """Ask the running window to come to the front; wait for one that is just starting. Return whether it answered."""
    deadline = QDeadlineTimer(_PATIENCE_MILLISECONDS)
    while not deadline.hasExpired():
        socket = QLocalSocket()
        socket.connectToServer(_socket_name(directory, profile_id))
        if socket.waitForConnected(_ANSWER_MILLISECONDS):
            socket.disconnectFromServer()
            return True
        QThread.msleep(50)
    return False


def _socket_name(directory: Path, profile_id: str) -> str:
    """A socket inside the profile, which others cannot enter; a short name of the system's where the path is long."""
    path = str(directory / "window.socket")
    return path if os.name == "posix" and len(os.fsencode(path)) <= _LONGEST_PATH else f"smtpy-desktop-{profile_id}"
