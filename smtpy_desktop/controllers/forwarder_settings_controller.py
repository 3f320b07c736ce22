"""The settings of the forwarding engine as what they mean."""

from __future__ import annotations

from collections.abc import Mapping

from smtpy_desktop.controllers.transactions import Sessions
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
    parse_domains,
    parse_listen,
    parse_smarthost_tls,
    parse_trusted,
)
from smtpy_desktop.core.mail_identity import HOSTNAME_KEY
from smtpy_desktop.core.setting_keys import SETTINGS
from smtpy_desktop.database import settings_database
from smtpy_desktop.schemas.forwarder import ForwarderSettings
from smtpy_desktop.schemas.smart_host import SmartHostAccess


async def load_forwarder_settings(sessions: Sessions) -> ForwarderSettings:
    """Return what all forwarders of this database agree on; ``hostname`` is empty where it is not set."""
    async with sessions.read() as db:
        return parse_forwarder_settings(await settings_database.read_settings(db))


async def load_listen_addresses(sessions: Sessions) -> tuple[tuple[str, int], ...]:
    """Return the addresses and ports that the setting tells forwarders to listen at."""
    async with sessions.read() as db:
        return parse_listen(_value(await settings_database.read_settings(db), LISTEN_KEY))


def parse_forwarder_settings(stored: Mapping[str, str]) -> ForwarderSettings:
    """Make the forwarders' settings of stored settings, and of defaults where they are missing or empty."""
    return ForwarderSettings(
        hostname=_value(stored, HOSTNAME_KEY),
        smarthost=_value(stored, SMARTHOST_KEY),
        smarthost_access=SmartHostAccess(
            parse_smarthost_tls(_value(stored, SMARTHOST_TLS_KEY)), _value(stored, SMARTHOST_USER_KEY)
        ),
        seals_arc=_value(stored, ARC_KEY) == "yes",
        largest_message=int(_value(stored, MAX_SIZE_KEY)),
        trusted=parse_trusted(_value(stored, TRUSTED_KEY)),
        requires_tls=parse_domains(_value(stored, TLS_REQUIRED_KEY)),
        per_destination=int(_value(stored, PER_DESTINATION_KEY)),
        per_client_minute=int(_value(stored, PER_CLIENT_KEY)),
        retry_days=int(_value(stored, RETRY_DAYS_KEY)),
        heeds_dmarc=_value(stored, HEED_DMARC_KEY) == "yes",
    )


def _value(stored: Mapping[str, str], key: str) -> str:
    return stored.get(key) or SETTINGS[key].default
