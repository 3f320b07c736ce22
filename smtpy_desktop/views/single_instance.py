"""One window per profile: a second start raises the first one's window."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_ANSWER_MILLISECONDS = 1000


class SingleInstance(QObject):
    """Listens for later starts of the same profile; ``raised`` fires when there was one.

    The name is taken by a socket, which dies with its process: after a kill the next start takes it over.
    """

    raised = Signal()

    def __init__(self, profile_id: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = f"smtpy-desktop-{profile_id}"
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)

    def raise_first(self) -> bool:
        """Ask a running window to come to the front; return whether there is one."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(_ANSWER_MILLISECONDS):
            return False
        socket.write(b"raise\n")
        socket.waitForBytesWritten(_ANSWER_MILLISECONDS)
        socket.disconnectFromServer()
        return True

    def listen(self) -> bool:
        """Become the first; what a killed window left behind is removed. Return whether it worked."""
        if self._server.listen(self._name):
            return True
        QLocalServer.removeServer(self._name)
        return self._server.listen(self._name)

    def close(self) -> None:
        """Let go of the name."""
        self._server.close()

    def _on_connection(self) -> None:
        connection = self._server.nextPendingConnection()
        if connection is not None:
            connection.disconnected.connect(connection.deleteLater)
        self.raised.emit()
