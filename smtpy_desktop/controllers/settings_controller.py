"""Settings: listing, changing, and reading them as what they mean."""

from __future__ import annotations

from collections.abc import Mapping

from smtpy_desktop.changes import Change, Publish, Topic
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core import mail_identity
from smtpy_desktop.core.setting_keys import SETTINGS, normalise_setting, setting_key
from smtpy_desktop.database import audit_database, settings_database
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.audit import Actor, AuditEntry
from smtpy_desktop.schemas.mail_identity import DnsSettings, MailIdentity
from smtpy_desktop.schemas.settings import SettingRow
from smtpy_desktop.schemas.text import text


async def list_settings(sessions: Sessions) -> tuple[SettingRow, ...]:
    """Return every setting with the value that holds now."""
    async with sessions.read() as db:
        stored = await settings_database.read_settings(db)
    return tuple(
        SettingRow(key, stored.get(key) or setting.default, setting.default, setting.explanation)
        for key, setting in SETTINGS.items()
    )


async def get_setting(sessions: Sessions, key: str) -> str:
    """Return the value of one setting; raise FieldError when there is no such setting."""
    default = setting_key(key).default
    async with sessions.read() as db:
        return (await settings_database.read_settings(db)).get(key) or default


async def change_settings(
    sessions: Sessions, values: Mapping[str, str], *, actor: Actor, publish: Publish
) -> dict[str, str]:
    """Check and store settings, all or none, and return them as stored; an empty value restores the default.

    Raises FieldError with the key of the first wrong value as its field.
    """
    wanted = {key: normalise_setting(key, value) for key, value in values.items()}
    async with sessions.begin() as db:
        stored = await settings_database.read_settings(db)
        changed = {key: value for key, value in wanted.items() if stored.get(key, "") != value}
        await settings_database.write_settings(db, changed)
        entries = (
            AuditEntry("settings.changed", "setting", None, key, changes={"value": [stored.get(key, ""), value]})
            for key, value in changed.items()
        )
        await audit_database.record(db, actor, *entries)
    if changed:
        publish(Change(Topic.SETTINGS))
    return wanted


async def mail_settings(sessions: Sessions) -> tuple[MailIdentity, DnsSettings]:
    """Return who we are in the DNS, and whom to ask there."""
    async with sessions.read() as db:
        stored = await settings_database.read_settings(db)
    return parse_identity(stored), parse_dns_settings(stored)


def parse_identity(stored: Mapping[str, str]) -> MailIdentity:
    """Make the mail identity of stored settings; what is not set stays empty."""
    return MailIdentity(
        mx=mail_identity.parse_mx(stored["mail.mx"]) if stored.get("mail.mx") else (),
        spf=stored.get("mail.spf", ""),
        sending_addresses=(
            mail_identity.parse_sending_addresses(stored["mail.sending_addresses"])
            if stored.get("mail.sending_addresses")
            else ()
        ),
        dmarc=stored.get("mail.dmarc", ""),
        hostname=stored.get("mail.hostname", ""),
    )


def parse_dns_settings(stored: Mapping[str, str]) -> DnsSettings:
    """Make the DNS settings of stored settings and defaults."""
    return DnsSettings(
        resolvers=mail_identity.parse_resolvers(stored.get("dns.resolvers") or SETTINGS["dns.resolvers"].default),
        authoritative_port=int(stored.get("dns.authoritative_port") or SETTINGS["dns.authoritative_port"].default),
    )


def require_complete(identity: MailIdentity) -> None:
    """Raise UserFacingError when records cannot be asked of domains because we do not know our own servers yet."""
    if identity.is_complete:
        return
    missing = ", ".join(identity.missing)
    raise UserFacingError(
        "MAIL_IDENTITY_INCOMPLETE",
        text("The records to publish are not known yet: {missing} is not set.", missing=missing),
        hint=text("Set it under Settings, Mail identity, or with: smtpy-desktop settings set KEY VALUE"),
    )
