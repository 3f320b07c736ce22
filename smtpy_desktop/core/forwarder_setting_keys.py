"""The settings of the forwarding engine, as they are listed."""

from __future__ import annotations

from smtpy_desktop.core.forwarder_settings import (
    ARC_KEY,
    HEED_DMARC_KEY,
    LISTEN_KEY,
    MAX_SIZE_KEY,
    PER_CLIENT_KEY,
    PER_DESTINATION_KEY,
    RETRY_DAYS_KEY,
    SMARTHOST_KEY,
    SMARTHOST_TLS_KEY,
    SMARTHOST_USER_KEY,
    TLS_REQUIRED_KEY,
    TRUSTED_KEY,
    format_listen,
    format_trusted,
    normalise_smarthost,
    parse_domains,
    parse_listen,
    parse_size,
    parse_smarthost_tls,
    parse_smarthost_user,
    parse_trusted,
)
from smtpy_desktop.core.setting_key import SettingKey, whole_number, yes_or_no
from smtpy_desktop.schemas.text import text


def _trusted(value: str) -> str:
    return format_trusted(parse_trusted(value))


def _listen(value: str) -> str:
    return format_listen(parse_listen(value))


def _domains(value: str) -> str:
    return ", ".join(parse_domains(value))


def _smarthost_tls(value: str) -> str:
    return parse_smarthost_tls(value).value


def _size(value: str) -> str:
    return str(parse_size(value))


FORWARDER_SETTINGS = (
    SettingKey(
        LISTEN_KEY,
        "127.0.0.1:2525",
        text(
            "Where forwarders listen, as address:port, from their next start on; a forwarder's own --listen goes first."
        ),
        _listen,
    ),
    SettingKey(
        SMARTHOST_KEY,
        "",
        text("The server that takes all outgoing mail, as host:port; empty: the recipients' own servers."),
        normalise_smarthost,
    ),
    SettingKey(
        SMARTHOST_TLS_KEY,
        "opportunistic",
        text(
            "How the connection to the smart host is encrypted: opportunistic (STARTTLS where it is offered), required"
            " (STARTTLS with a valid certificate) or implicit (TLS from the first byte on, port 465)."
        ),
        _smarthost_tls,
    ),
    SettingKey(
        SMARTHOST_USER_KEY,
        "",
        text(
            "The user name at the smart host, empty: without one. With one, mail goes over TLS with a valid certificate"
            " alone. The password is no setting: it is kept with the secrets."
        ),
        parse_smarthost_user,
    ),
    SettingKey(
        TRUSTED_KEY,
        "127.0.0.1, ::1",
        text(
            "Addresses and networks of your own mail servers in front: what they tell about the original client is"
            " believed (XCLIENT, LMTP). none: nobody."
        ),
        _trusted,
    ),
    SettingKey(
        MAX_SIZE_KEY,
        str(25 * 1024 * 1024),
        text("The largest message that is accepted, in bytes or as 25 MiB (RFC 1870)."),
        _size,
    ),
    SettingKey(
        HEED_DMARC_KEY,
        "yes",
        text("Whether mail is refused whose author's domain asks for that and cannot be proved (DMARC p=reject)."),
        yes_or_no(HEED_DMARC_KEY),
    ),
    SettingKey(
        ARC_KEY,
        "yes",
        text("Whether forwarded mail is sealed with what was found when it came in (ARC, RFC 8617)."),
        yes_or_no(ARC_KEY),
    ),
    SettingKey(
        TLS_REQUIRED_KEY,
        "",
        text("Domains that mail is only sent to over TLS with a valid certificate; to others TLS is used if offered."),
        _domains,
    ),
    SettingKey(
        PER_DESTINATION_KEY,
        "10",
        text("How many connections each forwarder has at most to the servers of one domain."),
        whole_number(PER_DESTINATION_KEY, 1, 1000),
    ),
    SettingKey(
        PER_CLIENT_KEY,
        "0",
        text("How many messages a forwarder takes from one client address in a minute; 0: no limit."),
        whole_number(PER_CLIENT_KEY, 0, 1_000_000),
    ),
    SettingKey(
        RETRY_DAYS_KEY,
        "5",
        text("How many days delivery is tried before the sender is told that it failed (RFC 5321 section 4.5.4.1)."),
        whole_number(RETRY_DAYS_KEY, 1, 30),
    ),
)
