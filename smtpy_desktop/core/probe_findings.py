"""What a connection test says: one text per thing that can be found, with what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

from smtpy_desktop.core.dns_name import shown
from smtpy_desktop.schemas.connection import ProbeStep, ServerAddress, StepState
from smtpy_desktop.schemas.text import Text, text


@dataclass(frozen=True, slots=True)
class Finding:
    """What one step found; a stable code, a sentence, and what to do (None when nothing is to be done)."""

    state: StepState
    code: str
    message: Text
    hint: Text | None = None


def ok(code: str, message: Text) -> Finding:
    """Build a finding with which everything is all right."""
    return Finding(StepState.OK, code, message)


def warning(code: str, message: Text, hint: Text | None = None) -> Finding:
    """Build a finding that should be known, but does not keep the server from being used."""
    return Finding(StepState.WARNING, code, message, hint)


def failed(code: str, message: Text, hint: Text | None = None) -> Finding:
    """Build a finding with which the server cannot be used."""
    return Finding(StepState.FAILED, code, message, hint)


def not_tried() -> Finding:
    """Build the finding of a step after a failed one."""
    return Finding(StepState.SKIPPED, "NOT_TRIED", text("Not tried, because an earlier step failed."))


def timed_out(step: ProbeStep, address: ServerAddress, seconds: float) -> Finding:
    """Build the finding of a step that did not end within its deadline."""
    waited = f"{seconds:g}"
    match step:
        case ProbeStep.DNS:
            return failed(
                "DNS_TIMEOUT",
                text("Nobody could say within {seconds} seconds where {host} is.", seconds=waited, host=address.host),
                text("Check this machine's network connection and name servers."),
            )
        case ProbeStep.TCP:
            return failed(
                "TCP_TIMEOUT",
                text("No answer from port {port} within {seconds} seconds.", port=address.port, seconds=waited),
                text("A firewall on the way or on the server probably drops the connection; allow this machine there."),
            )
        case ProbeStep.TLS:
            return failed(
                "SERVER_SILENT",
                text("The port is open, but what listens there says nothing for {seconds} seconds.", seconds=waited),
                text("Check that port {port} is PostgreSQL's, and that the server is not stuck.", port=address.port),
            )
        case _:
            return failed(
                "SERVER_SLOW",
                text("The server did not answer within {seconds} seconds.", seconds=waited),
                text("It may be overloaded; try again."),
            )


def refused_sign_in(sqlstate: str, message: str, routine: str, address: ServerAddress) -> Finding:
    """Say why a server refused a sign-in (SQLSTATE, PostgreSQL documentation, appendix A)."""
    user, database = shown(address.user), shown(address.database)
    said = shown(message)
    if sqlstate == "28000" and routine == "ClientAuthentication":
        return failed(
            "NOT_IN_PG_HBA",
            text(
                "The server's rules do not let {user} into {database} from this machine.", user=user, database=database
            ),
            text("Its administrator has to add a line to pg_hba.conf. The server said: {said}", said=said),
        )
    known = {
        "28P01": (
            "WRONG_PASSWORD",
            text("Wrong password for {user}, or there is no such user.", user=user),
            text("Type the password again, and check the user's name (upper and lower case differ)."),
        ),
        "28000": (
            "USER_REFUSED",
            text("The server does not let {user} sign in.", user=user),
            text("Check the user's name; the user must exist and have LOGIN. The server said: {said}", said=said),
        ),
        "3D000": (
            "UNKNOWN_DATABASE",
            text("There is no database {database} on this server.", database=database),
            text("Check the name, or have it made: CREATE DATABASE … OWNER …"),
        ),
        "42501": (
            "CONNECT_NOT_ALLOWED",
            text("{user} may not connect to the database {database}.", user=user, database=database),
            text("The database's owner can allow it: GRANT CONNECT ON DATABASE … TO …"),
        ),
        "53300": (
            "TOO_MANY_CONNECTIONS",
            text("The server takes no more connections."),
            text("Close programs that use it, or raise max_connections there, then try again."),
        ),
        "57P03": (
            "SERVER_STARTING",
            text("The server is starting or stopping."),
            text("Try again in a moment. The server said: {said}", said=said),
        ),
        "55000": (
            "DATABASE_CLOSED",
            text("The database {database} takes no connections at present.", database=database),
            text("The server said: {said}", said=said),
        ),
    }
    if sqlstate in known:
        return failed(*known[sqlstate])
    return failed(
        "SIGN_IN_REFUSED",
        text("The server refused the sign-in: {said}", said=said),
        text("Ask the server's administrator about the error {sqlstate}.", sqlstate=shown(sqlstate)),
    )
