"""Why a listener cannot listen, in words for the user."""

from __future__ import annotations

from smtpy_desktop.core.forwarder_settings import format_endpoint
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.text import Text, text

_IN_USE = (48, 98, 10048)  # EADDRINUSE of macOS, Linux and Windows
_NOT_HERE = (49, 99, 10049)  # EADDRNOTAVAIL
_FORBIDDEN = (1, 13, 10013)  # EPERM, EACCES


class PortInUse(UserFacingError):
    """Another program has the port; ``holder`` is the profile that does, where it is one of this user's.

    ``is_own``: it is the same profile. ``free_port`` is the next one that could be had instead.
    """

    def __init__(self, port: int, holder: str = "", *, is_own: bool = False, free_port: int | None = None) -> None:
        if is_own:
            words = text("The port {port} of this machine is used by another program of this profile.", port=str(port))
            hint = text("That one takes Stripe's events in for this profile, so that nothing is missed.")
        elif holder:
            words = text("The port {port} of this machine is used by the profile {name}.", port=str(port), name=holder)
            hint = _another_port(free_port)
        else:
            words = text("The port {port} of this machine is used by another program.", port=str(port))
            hint = text(
                "It may be another SMTPy Desktop, which takes Stripe's events in then. Otherwise close that program or"
                " choose another port."
            )
        super().__init__("PORT_IN_USE", words, hint=hint)
        self.free_port = None if is_own else free_port


def _another_port(free: int | None) -> Text:
    if free is None:
        return text("Give this profile another port: the setting listener.port.")
    return text("Give this profile another port, the setting listener.port; {free} is free.", free=str(free))


class CannotListen(UserFacingError):
    """The system does not let us listen at the port."""

    def __init__(self, port: int, reason: str) -> None:
        super().__init__(
            "CANNOT_LISTEN",
            text("The listener cannot listen at port {port} of this machine.", port=str(port)),
            detail=text("{reason}.", reason=reason.rstrip(".")),
            hint=text("Choose another port; those below 1024 need rights of the system."),
        )


def cannot_listen_at(host: str, port: int, error: BaseException) -> UserFacingError:
    """Return why a forwarder cannot listen at an address of this machine."""
    number = error.errno if isinstance(error, OSError) else None
    address = format_endpoint(host, port)
    if number in _IN_USE:
        return UserFacingError(
            "PORT_IN_USE",
            text("Another program already listens at {address}.", address=address),
            hint=text("Stop that program, or listen at another port with --listen."),
        )
    if number in _NOT_HERE:
        return UserFacingError(
            "ADDRESS_NOT_HERE",
            text("This machine does not have the address {address}.", address=address),
            hint=text("Listen at one of its own addresses, or at all of them with 0.0.0.0 or [::]."),
        )
    if number in _FORBIDDEN:
        return UserFacingError(
            "PORT_FORBIDDEN",
            text("The system does not allow this program to listen at {address}.", address=address),
            hint=text("Ports below 1024 need a right: CAP_NET_BIND_SERVICE in the service's unit; or choose another."),
        )
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return UserFacingError(
        "CANNOT_LISTEN",
        text("This program cannot listen at {address}.", address=address),
        detail=text("{reason}.", reason=str(reason).rstrip(".")),
        hint=text("Choose another address and port with --listen."),
    )
