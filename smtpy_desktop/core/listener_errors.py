"""Why the webhook listener cannot listen, in words for the user."""

from __future__ import annotations

from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.text import text


class PortInUse(UserFacingError):
    """Another program has the port."""

    def __init__(self, port: int) -> None:
        super().__init__(
            "PORT_IN_USE",
            text("The port {port} of this machine is used by another program.", port=str(port)),
            hint=text(
                "It may be another SMTPy Desktop, which takes Stripe's events in then. Otherwise close that program or"
                " choose another port."
            ),
        )


class CannotListen(UserFacingError):
    """The system does not let us listen at the port."""

    def __init__(self, port: int, reason: str) -> None:
        super().__init__(
            "CANNOT_LISTEN",
            text("The listener cannot listen at port {port} of this machine.", port=str(port)),
            detail=text("{reason}.", reason=reason.rstrip(".")),
            hint=text("Choose another port; those below 1024 need rights of the system."),
        )
