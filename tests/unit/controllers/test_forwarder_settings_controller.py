"""The forwarders' settings: made of what is stored, and of the defaults."""

from __future__ import annotations

from smtpy_desktop.controllers.forwarder_settings_controller import parse_forwarder_settings
from smtpy_desktop.core.setting_keys import normalise_setting
from smtpy_desktop.schemas.forwarder import ForwarderSettings


def test_without_settings_the_defaults_of_the_schema_hold():
    assert parse_forwarder_settings({}) == ForwarderSettings(hostname="")
    assert parse_forwarder_settings({"forwarder.trusted": ""}) == ForwarderSettings(hostname="")


def test_what_is_stored_is_read_as_what_it_means():
    written = {
        "mail.hostname": "mx1.example.net",
        "forwarder.smarthost": "relay.example.net:587",
        "forwarder.arc": "no",
        "forwarder.max_size": "1 MiB",
        "forwarder.trusted": "10.0.0.0/24",
        "forwarder.tls_required": "example.org example.com",
        "forwarder.per_destination": "3",
        "forwarder.per_client_minute": "60",
        "forwarder.retry_days": "2",
        "forwarder.heed_dmarc": "no",
    }

    settings = parse_forwarder_settings({key: normalise_setting(key, value) for key, value in written.items()})

    assert settings == ForwarderSettings(
        hostname="mx1.example.net",
        smarthost="relay.example.net:587",
        seals_arc=False,
        largest_message=1048576,
        trusted=("10.0.0.0/24",),
        requires_tls=("example.org", "example.com"),
        per_destination=3,
        per_client_minute=60,
        retry_days=2,
        heeds_dmarc=False,
    )


def test_nobody_is_trusted_when_the_word_says_so():
    stored = {"forwarder.trusted": normalise_setting("forwarder.trusted", "None")}

    assert stored == {"forwarder.trusted": "none"}
    assert parse_forwarder_settings(stored).trusted == ()
