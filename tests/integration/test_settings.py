"""Settings: checked, all or none, and written into the audit log."""

from __future__ import annotations

import pytest

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers import audit_controller, settings_controller
from smtpy_desktop.core.setting_keys import SETTINGS
from smtpy_desktop.errors import FieldError, UserFacingError
from smtpy_desktop.schemas.mail_identity import MailExchanger, MailIdentity, Resolver


@pytest.fixture
def change(database, actor, changes):
    async def change_all(values):
        return await settings_controller.change_settings(database, values, actor=actor, publish=changes.append)

    return change_all


async def test_every_setting_is_listed_with_the_value_that_holds(database, change):
    await change({"dns.recheck_minutes": "15"})

    rows = {row.key: row for row in await settings_controller.list_settings(database)}

    assert list(rows) == list(SETTINGS)
    assert (rows["dns.recheck_minutes"].value, rows["dns.recheck_minutes"].default) == ("15", "60")
    assert rows["dns.resolvers"].value == rows["dns.resolvers"].default
    assert all(str(row.explanation) for row in rows.values())


async def test_a_value_is_stored_in_its_plain_form_and_published(database, change, changes):
    stored = await change({"mail.mx": "20 MX2.example.net. ,10  mx1.example.net", "dns.resolvers": "127.0.0.1"})

    assert stored == {"mail.mx": "10 mx1.example.net, 20 mx2.example.net", "dns.resolvers": "127.0.0.1:53"}
    assert await settings_controller.get_setting(database, "mail.mx") == stored["mail.mx"]
    assert changes == [Change(Topic.SETTINGS)]
    entries = await audit_controller.list_entries(database)
    assert {entry.object_name: entry.changes["value"] for entry in entries} == {
        "mail.mx": ["", "10 mx1.example.net, 20 mx2.example.net"],
        "dns.resolvers": ["", "127.0.0.1:53"],
    }


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"mail.spf": "include:"}, "mail.spf"),
        ({"mail.mx": "mx1.example.net"}, "mail.mx"),
        ({"dns.recheck_minutes": "-1"}, "dns.recheck_minutes"),
        ({"dns.history_days": "٣"}, "dns.history_days"),
        ({"forwarder.smarthost": "relay.example.net"}, "forwarder.smarthost"),
        ({"no.such": "x"}, "key"),
    ],
)
async def test_one_bad_value_stores_none_of_them(database, change, changes, bad, field):
    with pytest.raises(FieldError) as refused:
        await change({"mail.hostname": "mx1.example.net"} | bad)

    assert refused.value.field == field
    assert await settings_controller.get_setting(database, "mail.hostname") == ""
    assert changes == []
    assert await audit_controller.list_entries(database) == ()


async def test_an_empty_value_restores_the_default(database, change, changes):
    await change({"dns.history_days": "7"})

    await change({"dns.history_days": " "})

    assert await settings_controller.get_setting(database, "dns.history_days") == "180"
    assert len(changes) == 2


async def test_changing_nothing_leaves_no_trace(database, change, changes):
    await change({"mail.hostname": "mx1.example.net"})

    await change({"mail.hostname": "MX1.example.net.", "mail.mx": ""})

    assert len(changes) == 1
    assert len(await audit_controller.list_entries(database)) == 1


async def test_an_unknown_setting_is_answered_with_those_there_are(database):
    with pytest.raises(FieldError) as refused:
        await settings_controller.get_setting(database, "mail.mxx")

    assert refused.value.code == "SETTING_UNKNOWN"
    assert "mail.mx" in str(refused.value.hint)


async def test_settings_are_read_as_what_they_mean(database, change):
    await change(
        {"mail.mx": "10 mx1.example.net", "mail.sending_addresses": "192.0.2.1", "dns.authoritative_port": "5353"}
    )

    identity, dns = await settings_controller.mail_settings(database)

    assert identity == MailIdentity(mx=(MailExchanger(10, "mx1.example.net"),), sending_addresses=("192.0.2.1",))
    assert (dns.authoritative_port, dns.resolvers) == (5353, (Resolver("9.9.9.9"), Resolver("1.1.1.1")))


def test_an_incomplete_mail_identity_names_what_is_missing():
    with pytest.raises(UserFacingError) as refused:
        settings_controller.require_complete(MailIdentity(spf="mx"))

    assert refused.value.code == "MAIL_IDENTITY_INCOMPLETE"
    assert "mail.mx, mail.dmarc" in str(refused.value)
    settings_controller.require_complete(
        MailIdentity(mx=(MailExchanger(10, "mx1.example.net"),), spf="mx", dmarc="v=DMARC1; p=none")
    )
