"""The form of the mail identity: what it gives, what it shows, and what it never loses."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from smtpy_desktop.schemas.dns import RecordKind
from smtpy_desktop.views.mail_identity_form import MailIdentityForm
from smtpy_desktop.views.records_preview import RecordsPreview

STORED = {
    "mail.mx": "10 mx1.example.net, 20 mx2.example.net",
    "mail.spf": "include:spf.example.net",
    "mail.sending_addresses": "192.0.2.25",
    "mail.dmarc": "v=DMARC1; p=quarantine; rua=mailto:dmarc@example.net",
    "dns.resolvers": "9.9.9.9:53, 1.1.1.1:53",
}


@pytest.fixture
def form(qtbot: QtBot) -> MailIdentityForm:
    form = MailIdentityForm(with_resolvers=True)
    qtbot.addWidget(form)
    return form


def test_what_was_loaded_is_no_change(form: MailIdentityForm) -> None:
    form.load(STORED)

    assert form.changes() == {}
    assert form.values() == STORED


def test_mail_servers_are_shown_and_read_one_a_line(form: MailIdentityForm) -> None:
    form.load(STORED)
    shown = form.mx.toPlainText()

    form.mx.setPlainText("20 MX2.example.net.\n10 mx1.example.net\n30 mx3.example.net")

    assert shown == "10 mx1.example.net\n20 mx2.example.net"
    assert form.changes() == {"mail.mx": "10 mx1.example.net, 20 mx2.example.net, 30 mx3.example.net"}


def test_addresses_alone_make_the_spf_mechanisms(form: MailIdentityForm) -> None:
    form.load({})

    form.addresses.setText("192.0.2.25, 2001:db8::25")

    assert form.identity().spf == "ip4:192.0.2.25 ip6:2001:db8::25"
    assert form.to_store()["mail.spf"] == "ip4:192.0.2.25 ip6:2001:db8::25"


def test_a_typed_mechanism_is_stored_as_it_is(form: MailIdentityForm) -> None:
    form.load({})

    form.addresses.setText("192.0.2.25")
    form.spf.setText("include:spf.example.net")

    assert form.to_store()["mail.spf"] == "include:spf.example.net"


def test_every_wrong_field_is_marked_and_keeps_what_was_typed(form: MailIdentityForm) -> None:
    form.load({})
    form.mx.setPlainText("mx1.example.net")
    form.addresses.setText("192.0.2.0/24")
    form.spf.setText("v=spf1 <b>-all</b>")
    form.dmarc.set_text("v=DMARC1; p=none")
    form.dmarc.reports.setText("nobody")
    form.resolvers.setText("dns.example.net")

    is_right = form.check()

    assert not is_right
    assert set(form.errors) == {"mail.mx", "mail.sending_addresses", "mail.spf", "mail.dmarc", "dns.resolvers"}
    assert form.spf.text() == "v=spf1 <b>-all</b>"
    assert form.dmarc.reports.text() == "nobody"


def test_a_missing_priority_is_mended_by_one_press(form: MailIdentityForm) -> None:
    form.load({})
    form.mx.setPlainText("10 mx1.example.net\nmx2.example.net")
    form.check()

    form.field("mail.mx").use_suggestion_button.click()

    assert form.check()
    assert form.values()["mail.mx"] == "10 mx1.example.net, 10 mx2.example.net"


@pytest.mark.parametrize("policy", ["none", "quarantine", "reject"])
def test_a_policy_and_an_address_make_the_dmarc_record(form: MailIdentityForm, policy: str) -> None:
    form.load({})

    form.dmarc.policy.setCurrentIndex(form.dmarc.policy.findData(policy))
    form.dmarc.reports.setText("dmarc@example.net, other@example.org")

    assert form.values()["mail.dmarc"] == (
        f"v=DMARC1; p={policy}; rua=mailto:dmarc@example.net,mailto:other@example.org"
    )


@pytest.mark.parametrize(
    "record",
    [
        "v=DMARC1; p=quarantine; adkim=s; rua=mailto:dmarc@example.net",
        "v=DMARC1; p=none; sp=reject",
        "v=DMARC1; p=none; rua=mailto:dmarc@example.net!10m",
    ],
)
def test_a_record_that_says_more_than_the_choices_is_kept_whole(form: MailIdentityForm, record: str) -> None:
    form.load({**STORED, "mail.dmarc": record})

    assert form.values()["mail.dmarc"] == record
    assert form.changes() == {}
    assert not form.dmarc.record.isHidden()


def test_a_policy_that_is_not_set_says_what_follows_from_it(form: MailIdentityForm) -> None:
    before = form.dmarc.hint.isHidden()

    form.dmarc.set_text("v=DMARC1; p=none")

    assert (before, form.dmarc.hint.isHidden()) == (False, True)


def test_newer_values_leave_alone_what_was_typed(form: MailIdentityForm) -> None:
    form.load(STORED)
    form.addresses.setText("192.0.2.99")

    form.load({**STORED, "mail.sending_addresses": "192.0.2.1", "mail.spf": "include:new.example.net"})

    assert form.addresses.text() == "192.0.2.99"
    assert form.spf.text() == "include:new.example.net"
    assert form.changes() == {"mail.sending_addresses": "192.0.2.99"}


def test_each_setting_goes_back_to_its_default_on_its_own(form: MailIdentityForm) -> None:
    form.load({**STORED, "dns.resolvers": "192.0.2.53:53"})

    form.reset_button("dns.resolvers").click()
    form.reset_button("mail.mx").click()

    assert form.changes() == {"dns.resolvers": "9.9.9.9:53, 1.1.1.1:53", "mail.mx": ""}
    assert form.reset_button("dns.resolvers").isHidden()
    assert not form.reset_button("mail.spf").isHidden()


def test_discarding_brings_back_what_is_stored(form: MailIdentityForm) -> None:
    form.load(STORED)
    form.spf.setText("nonsense")
    form.check()

    form.discard()

    assert form.values() == STORED
    assert form.errors == {}


def test_the_preview_follows_what_is_right_and_says_what_is_missing(form: MailIdentityForm, qtbot: QtBot) -> None:
    preview = RecordsPreview()
    qtbot.addWidget(preview)
    form.load({"mail.dmarc": "v=DMARC1; p=reject"})
    form.mx.setPlainText("10 mx1.example.net\n20 mx2.example.net")
    form.addresses.setText("half an addre")

    preview.show_identity(form.identity())

    assert preview.text_of(RecordKind.MX) == "10 mx1.example.net.\n20 mx2.example.net."
    assert preview.text_of(RecordKind.SPF) == "(not set yet)"
    assert preview.text_of(RecordKind.DMARC) == "v=DMARC1; p=reject"
