"""What can be wrong with the smart host when it is tried, or with its password, each with what to do."""

from __future__ import annotations

from smtpy_desktop.core.bounce_advice import advice_for
from smtpy_desktop.core.bounce_kinds import BounceClass
from smtpy_desktop.errors import ConflictError, UserFacingError
from smtpy_desktop.schemas.outgoing_mail import MailServer
from smtpy_desktop.schemas.smart_host import SmartHostAccess, SmartHostTls
from smtpy_desktop.schemas.text import Text, text

IMPLICIT_PORT = 465  # RFC 8314 section 3.3

_CODES = {
    BounceClass.SIGN_IN_REFUSED: "SMARTHOST_PASSWORD_REFUSED",
    BounceClass.SIGN_IN_OTHER_WAY: "SMARTHOST_OTHER_WAY",
    BounceClass.SIGN_IN_NEEDED: "SMARTHOST_SIGN_IN_NEEDED",
    BounceClass.SIGN_IN_UNSAFE: "SMARTHOST_UNSAFE",
    BounceClass.SIGN_IN_NOT_NOW: "SMARTHOST_NOT_NOW",
    BounceClass.TLS_REQUIRED: "SMARTHOST_TLS",
}


def smart_host_refused(server: MailServer, bounce: BounceClass, words: str) -> UserFacingError:
    """Build the error for a smart host that answers, but does not let us in; ``words`` are its own."""
    if bounce not in _CODES:
        return UserFacingError(
            "SMARTHOST_REFUSED",
            text("The smart host {host} does not go on.", host=_named(server)),
            detail=text("It says: {words}", words=words),
            hint=text("Ask its provider whether your address may send there."),
        )
    advice = advice_for(bounce)
    is_tls = bounce in (BounceClass.TLS_REQUIRED, BounceClass.SIGN_IN_UNSAFE)
    hint = _tls_hint(server) if is_tls else advice.words
    return UserFacingError(_CODES[bounce], advice.heading, detail=text("{words}.", words=words.rstrip(".")), hint=hint)


def smart_host_unreachable(server: MailServer, words: str) -> UserFacingError:
    """Build the error for a smart host that does not answer, or leaves in the middle."""
    return UserFacingError(
        "SMARTHOST_UNREACHABLE",
        text("The smart host {host} cannot be reached.", host=_named(server)),
        detail=text("{words}.", words=words.rstrip(".")),
        hint=_port_hint(server) or text("Check its name and port, and whether a firewall is in the way."),
    )


def smart_host_nowhere(words: str) -> UserFacingError:
    """Build the error for a smart host that has no address to connect to."""
    return UserFacingError(
        "SMARTHOST_NOT_FOUND",
        text("The smart host cannot be found."),
        detail=text("{words}.", words=words.rstrip(".")),
        hint=text("Look for a typing mistake in its name, and at the resolvers in the settings."),
    )


def no_smart_host() -> UserFacingError:
    """Build the error for trying a smart host that is not set."""
    return UserFacingError(
        "SMARTHOST_NOT_SET",
        text("No smart host is set: mail goes to the recipients' own servers."),
        hint=text("Enter one as host:port, or set forwarder.smarthost."),
    )


def password_file_unreadable(path: object, reason: str) -> UserFacingError:
    """Build the error for a file with the password that is missing, empty or cannot be read."""
    return UserFacingError(
        "SMARTHOST_PASSWORD_FILE",
        text("The password of the smart host cannot be read from {path}.", path=path),
        detail=text("{reason}.", reason=reason),
        hint=text("Correct SMTPY_SMARTHOST_PASSWORD_FILE or the file, which holds the password on its only line."),
    )


def password_is_given(variable: str) -> ConflictError:
    """Build the error for changing a password that the environment decides."""
    return ConflictError(
        "SMARTHOST_FROM_ENVIRONMENT",
        text("{variable} decides, and cannot be changed here.", variable=variable),
        hint=text("Remove it from the environment that the program is started in, and start the program again."),
    )


def _named(server: MailServer) -> str:
    return f"{server.name or server.address}:{server.port}"


def _tls_hint(server: MailServer) -> Text:
    return _port_hint(server) or text(
        "Use the server's name as its certificate has it, and the way to encrypt that its provider tells: port 465 is"
        " TLS from the first byte on, 587 is STARTTLS. An authority of your own has to be trusted by this system."
    )


def _port_hint(server: MailServer) -> Text | None:
    """Return what to do where port and way to encrypt do not fit each other; None where they may."""
    is_implicit = (server.smart_host or SmartHostAccess()).tls is SmartHostTls.IMPLICIT
    if server.port == IMPLICIT_PORT and not is_implicit:
        return text("Port 465 speaks TLS from the first byte on: choose that (forwarder.smarthost_tls implicit).")
    if is_implicit and server.port in (25, 587):
        return text(
            "Port {port} begins in clear: choose STARTTLS (forwarder.smarthost_tls required).", port=server.port
        )
    return None
