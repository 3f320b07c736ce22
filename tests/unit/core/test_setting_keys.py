"""Settings: known by their keys, and stored in one plain form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.setting_keys import SETTINGS, normalise_setting, setting_key
from smtpy_desktop.errors import FieldError

GOOD = {
    "mail.mx": ("20 B.example.net., 10 a.example.net", "10 a.example.net, 20 b.example.net"),
    "mail.spf": ("include:spf.example.net", "include:spf.example.net"),
    "mail.sending_addresses": ("192.0.2.1 2001:DB8::1", "192.0.2.1, 2001:db8::1"),
    "mail.dmarc": ("v=DMARC1;p=none", "v=DMARC1; p=none"),
    "mail.hostname": ("MX1.example.net.", "mx1.example.net"),
    "dns.resolvers": ("9.9.9.9, [2620:fe::fe]:53", "9.9.9.9:53, [2620:fe::fe]:53"),
    "dns.authoritative_port": ("05353", "5353"),
    "dns.recheck_minutes": ("0", "0"),
    "dns.history_days": ("30", "30"),
    "forwarder.smarthost": ("Relay.example.net:0587", "relay.example.net:587"),
    "forwarder.smarthost_tls": ("Implicit", "implicit"),
    "forwarder.smarthost_user": ("ada@example.com", "ada@example.com"),
    "forwarder.arc": ("No", "no"),
    "forwarder.heed_dmarc": ("on", "yes"),
    "forwarder.max_size": ("10 MiB", "10485760"),
    "forwarder.trusted": ("10.0.0.0/24 2001:DB8::/64;192.0.2.1/32", "10.0.0.0/24, 2001:db8::/64, 192.0.2.1"),
    "forwarder.tls_required": ("Bücher.example, example.org.", "xn--bcher-kva.example, example.org"),
    "forwarder.per_destination": ("020", "20"),
    "forwarder.per_client_minute": ("0", "0"),
    "forwarder.retry_days": ("4", "4"),
    "forwarder.listen": ("0.0.0.0:25 [::]:025", "0.0.0.0:25, [::]:25"),
    "retention.messages_days": ("36500", "36500"),
    "retention.contents_days": ("0", "0"),
    "retention.events_days": ("31", "31"),
    "listener.port": ("04242", "4242"),
    "backups.directory": ("/srv/copies", "/srv/copies"),
    "backups.every": ("Daily", "daily"),
    "backups.at": ("3:05", "03:05"),
    "backups.keep": ("012", "12"),
    "backups.verify": ("on", "yes"),
    "notices.desktop": ("Off", "no"),
    "notices.quiet_from": ("22:00", "22:00"),
    "notices.quiet_to": ("7:30", "07:30"),
    "notices.muted": ("domain_broken", "domain_broken"),
}


def test_every_setting_of_the_design_is_known():
    assert set(SETTINGS) == set(GOOD)
    assert all(key == setting.key for key, setting in SETTINGS.items())


@pytest.mark.parametrize("key", GOOD)
def test_a_good_value_is_stored_in_its_plain_form(key):
    given_value, stored = GOOD[key]

    assert normalise_setting(key, f"  {given_value} ") == stored


@pytest.mark.parametrize("key", GOOD)
def test_the_plain_form_and_the_default_stay_as_they_are(key):
    stored = GOOD[key][1]

    assert normalise_setting(key, stored) == stored
    assert normalise_setting(key, SETTINGS[key].default) == SETTINGS[key].default


@pytest.mark.parametrize("key", GOOD)
def test_an_empty_value_means_as_if_never_set(key):
    assert normalise_setting(key, " \t ") == ""


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("dns.authoritative_port", "0"),
        ("dns.authoritative_port", "65536"),
        ("dns.recheck_minutes", "10081"),
        ("dns.recheck_minutes", "1.5"),
        ("dns.recheck_minutes", "+1"),
        ("dns.history_days", "0"),
        ("dns.history_days", "٣"),
        ("retention.messages_days", "9" * 30),
        ("retention.contents_days", "-1"),
        ("retention.events_days", "30"),
        ("forwarder.smarthost", "relay.example.net"),
        ("forwarder.smarthost_tls", "starttls"),
        ("forwarder.smarthost_user", "ada\x00root"),
        ("forwarder.smarthost_user", "ada\r\nRSET"),
        ("forwarder.smarthost_user", "x" * 256),
        ("forwarder.arc", "perhaps"),
        ("forwarder.heed_dmarc", "2"),
        ("forwarder.max_size", "65535"),
        ("forwarder.max_size", "101 MiB"),
        ("forwarder.max_size", "25 GB"),
        ("forwarder.max_size", "²5M"),
        ("forwarder.trusted", "10.0.0.1/24"),
        ("forwarder.trusted", "mx.example.net"),
        ("forwarder.trusted", "none, 10.0.0.1"),
        ("forwarder.tls_required", "exa mple..org"),
        ("forwarder.per_destination", "0"),
        ("forwarder.per_client_minute", "-1"),
        ("forwarder.retry_days", "31"),
        ("forwarder.listen", "25"),
        ("forwarder.listen", "localhost:25"),
        ("forwarder.listen", "127.0.0.1:65536"),
        ("forwarder.listen", "[127.0.0.1:25"),
        ("forwarder.smarthost", ":25"),
        ("forwarder.smarthost", "relay.example.net:0"),
        ("forwarder.smarthost", "relay.example.net:65536"),
        ("forwarder.smarthost", "relay.example.net:²"),
        ("forwarder.smarthost", "192.0.2.1:25x"),
        ("forwarder.smarthost", "bad name:25"),
    ],
)
def test_a_bad_value_is_refused_at_its_own_key(key, value):
    with pytest.raises(FieldError) as refused:
        normalise_setting(key, value)

    assert refused.value.field == key
    assert str(refused.value)


def test_a_smart_host_may_be_an_address():
    assert normalise_setting("forwarder.smarthost", "192.0.2.1:25") == "192.0.2.1:25"
    assert normalise_setting("forwarder.smarthost", "[2001:DB8::1]:25") == "[2001:db8::1]:25"


@given(st.sampled_from(sorted(GOOD)), st.text(max_size=40))
def test_whatever_is_typed_is_stored_plainly_or_refused_for_the_user(key, typed):
    stored, field = "", key
    try:
        stored = normalise_setting(key, typed)
    except FieldError as refused:
        field = refused.field

    assert field == key
    assert normalise_setting(key, stored) == stored


def test_an_unknown_key_is_answered_with_the_known_ones():
    with pytest.raises(FieldError) as refused:
        setting_key("mail.mxx")

    assert refused.value.code == "SETTING_UNKNOWN"
    assert all(key in str(refused.value.hint) for key in SETTINGS)
