"""Every setting there is: its key, its default, what it is for, and how its value is checked."""

from __future__ import annotations

from smtpy_desktop.core import mail_identity
from smtpy_desktop.core.backup_setting_keys import BACKUP_SETTINGS
from smtpy_desktop.core.forwarder_setting_keys import FORWARDER_SETTINGS
from smtpy_desktop.core.notice_settings import NOTICE_SETTINGS
from smtpy_desktop.core.setting_key import SettingKey, whole_number
from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.text import text

MESSAGES_DAYS_KEY = "retention.messages_days"
CONTENTS_DAYS_KEY = "retention.contents_days"
EVENTS_DAYS_KEY = "retention.events_days"
LISTENER_PORT_KEY = "listener.port"

_DAYS_AT_STRIPE = 30


def setting_key(key: str) -> SettingKey:
    """Return the setting of that key; raise FieldError naming the known ones when there is none."""
    found = SETTINGS.get(key)
    if found is None:
        raise FieldError(
            "key",
            "SETTING_UNKNOWN",
            text("There is no setting {key}.", key=key),
            hint=text("The settings are: {keys}.", keys=", ".join(SETTINGS)),
        )
    return found


def normalise_setting(key: str, value: str) -> str:
    """Return the value as it is stored; an empty one means "as if never set"."""
    setting = setting_key(key)
    value = value.strip()
    return setting.normalise(value) if value else ""


def _mx(value: str) -> str:
    return mail_identity.format_mx(mail_identity.parse_mx(value))


def _spf(value: str) -> str:
    return mail_identity.parse_spf_mechanism(value)


def _addresses(value: str) -> str:
    return mail_identity.format_sending_addresses(mail_identity.parse_sending_addresses(value))


def _resolvers(value: str) -> str:
    return mail_identity.format_resolvers(mail_identity.parse_resolvers(value))


def _event_days(value: str) -> str:
    days = whole_number(EVENTS_DAYS_KEY, 0, 36500)(value)
    if 0 < int(days) <= _DAYS_AT_STRIPE:
        raise FieldError(
            EVENTS_DAYS_KEY,
            "SETTING_EVENTS_DAYS",
            text("Stripe lists an event for {days} days; until then it has to be known here.", days=_DAYS_AT_STRIPE),
            hint=text("Give more days than that, or 0 to keep events for ever."),
        )
    return days


_ALL = (
    SettingKey(
        "mail.mx",
        "",
        text("Your mail servers with their priority; every domain has to name them as its MX (RFC 5321 section 5.1)."),
        _mx,
    ),
    SettingKey(
        "mail.spf",
        "",
        text("The SPF mechanism that allows your servers to send, such as include:spf.example.net (RFC 7208)."),
        _spf,
    ),
    SettingKey(
        "mail.sending_addresses",
        "",
        text("The IP addresses that forwarded mail leaves from; SPF records are evaluated for each of them."),
        _addresses,
    ),
    SettingKey(
        "mail.dmarc",
        "",
        text("The DMARC record asked of each domain: its policy and where reports go (RFC 9989)."),
        mail_identity.parse_dmarc,
    ),
    SettingKey(
        mail_identity.HOSTNAME_KEY,
        "",
        text("The name your mail server greets others with."),
        mail_identity.parse_hostname,
    ),
    SettingKey(
        "dns.resolvers",
        mail_identity.format_resolvers(mail_identity.DEFAULT_RESOLVERS),
        text("The DNS resolvers that are asked beside the domain's own name servers; two or more, as address:port."),
        _resolvers,
    ),
    SettingKey(
        "dns.authoritative_port",
        "53",
        text("The port of name servers; another one than 53 is for trials alone."),
        whole_number("dns.authoritative_port", 1, 65535),
    ),
    SettingKey(
        "dns.recheck_minutes",
        "60",
        text("How often verified domains are checked again; 0 switches the background check off."),
        whole_number("dns.recheck_minutes", 0, 10080),
    ),
    SettingKey(
        "dns.history_days",
        "180",
        text("How long past checks are kept; the newest of each record always is."),
        whole_number("dns.history_days", 1, 3650),
    ),
    *FORWARDER_SETTINGS,
    SettingKey(
        MESSAGES_DAYS_KEY,
        "0",
        text("How many days messages are kept; then they are removed with all that belongs to them. 0: for ever."),
        whole_number(MESSAGES_DAYS_KEY, 0, 36500),
    ),
    SettingKey(
        CONTENTS_DAYS_KEY,
        "7",
        text(
            "How many days the content of a message is kept once nothing is to be done with it any more; what waits to"
            " be delivered always keeps it. 0: for ever."
        ),
        whole_number(CONTENTS_DAYS_KEY, 0, 36500),
    ),
    SettingKey(
        EVENTS_DAYS_KEY,
        "90",
        text(
            "How many days Stripe's events are kept that are done with; at least 31, since Stripe lists them for 30."
            " 0: for ever."
        ),
        _event_days,
    ),
    SettingKey(
        LISTENER_PORT_KEY,
        "4242",
        text("The port on this machine at which Stripe's webhooks are taken in."),
        whole_number(LISTENER_PORT_KEY, 1, 65535),
    ),
    *BACKUP_SETTINGS,
    *NOTICE_SETTINGS,
)

SETTINGS: dict[str, SettingKey] = {setting.key: setting for setting in _ALL}
