"""Verifying domains end to end: real packets, a real database, and what is remembered."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import create_async_engine

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers import (
    audit_controller,
    domain_checks_controller,
    domain_records_controller,
    domains_controller,
    settings_controller,
)
from smtpy_desktop.controllers.settings_controller import parse_identity
from smtpy_desktop.core.wanted_records import wanted_records
from smtpy_desktop.database.models import DnsCheck
from smtpy_desktop.errors import DatabaseUnavailable, NotFoundError, UserFacingError
from smtpy_desktop.sandbox.dns_breaking import Breakage
from smtpy_desktop.sandbox.dns_zones import ZoneFault
from smtpy_desktop.schemas.dns import RecordKind, Verdict
from smtpy_desktop.schemas.domains import DomainStatus
from smtpy_desktop.schemas.identifiers import DomainId
from smtpy_desktop.schemas.progress import Progress
from tests.helpers.dns_evidence import KEY
from tests.helpers.patient_dns import PatientDns
from tests.helpers.stored_domains import SELECTOR, TOKEN, change_domain, insert_domains, stored_domain

NAME = "example.com"
ALL_VERIFIED = {
    "status": "verified",
    "mx_record_verified": True,
    "spf_record_verified": True,
    "dkim_record_verified": True,
    "dmarc_record_verified": True,
    "ownership_verified": True,
}


@pytest.fixture
def asker():
    return PatientDns(timeout_seconds=10)


@pytest.fixture
def publish_wanted(sandbox_dns, mail_settings):
    def publish(*names):
        for name in names:
            sandbox_dns.zones.publish(
                wanted_records(
                    name,
                    identity=parse_identity(mail_settings),
                    dkim_selector=SELECTOR,
                    dkim_public_key=KEY,
                    verification_token=TOKEN,
                )
            )

    return publish


@pytest.fixture
async def domain_id(database, organization, publish_wanted):
    """A domain that publishes everything as wanted and was never checked."""
    publish_wanted(NAME)
    (added,) = await insert_domains(database, organization.id, [NAME])
    return added


@pytest.fixture
def verify(database, asker, changes):
    async def verify_one(domain_id):
        return await domain_checks_controller.verify_domain(database, domain_id, asker=asker, publish=changes.append)

    return verify_one


def verdicts(report):
    return {record.kind: record.verdict for record in report.records}


def verdicts_with(**others):
    return dict.fromkeys(RecordKind, Verdict.OK) | {RecordKind(kind): verdict for kind, verdict in others.items()}


async def check_count(database):
    async with database.read() as db:
        return (await db.execute(select(func.count()).select_from(DnsCheck))).scalar_one()


async def flags(database, domain_id):
    stored = await stored_domain(database, domain_id)
    return {name: getattr(stored, name) for name in ALL_VERIFIED}


async def test_a_domain_that_publishes_everything_becomes_verified(database, domain_id, verify, changes):
    before = datetime.now(UTC)

    report = await verify(domain_id)

    assert verdicts(report) == verdicts_with()
    assert (report.name, report.status, report.right) == (NAME, "verified", 5)
    assert await flags(database, domain_id) == ALL_VERIFIED
    stored = await stored_domain(database, domain_id)
    assert not stored.needs_attention
    assert stored.last_checked_at == report.checked_at >= before
    assert stored.next_check_at > report.checked_at + timedelta(minutes=30)
    assert changes == [Change(Topic.DOMAINS, frozenset({domain_id}))]
    entry = (await audit_controller.list_entries(database, text="domain.status"))[0]
    assert entry.changes["status"] == ["pending", "verified"]
    assert entry.object_name == NAME


async def test_every_server_that_was_asked_is_in_the_report(domain_id, verify, sandbox_dns):
    report = await verify(domain_id)

    servers = [(answer.answer.server, answer.answer.authoritative) for answer in report.record(RecordKind.MX).answers]
    assert servers[:2] == [("ns1.sandbox.test", True), ("ns2.sandbox.test", True)]
    assert servers[2:] == [(str(resolver), False) for resolver in sandbox_dns.resolvers]


@pytest.mark.parametrize("kind", list(RecordKind))
async def test_one_missing_record_fails_the_domain_and_says_what_to_publish(
    database, domain_id, verify, sandbox_dns, kind
):
    sandbox_dns.zones.break_record(NAME, kind, Breakage.MISSING)

    report = await verify(domain_id)

    assert verdicts(report) == verdicts_with(**{kind.value: Verdict.WRONG})
    assert report.status == "failed"
    record = report.record(kind)
    assert record.publish == record.wanted != ()
    assert str(record.reason)
    stored = await stored_domain(database, domain_id)
    assert (stored.status, stored.needs_attention) == ("failed", True)


async def test_a_mended_record_verifies_the_domain_at_once(domain_id, verify, sandbox_dns, publish_wanted):
    sandbox_dns.zones.break_record(NAME, RecordKind.DKIM, Breakage.MISSING)
    broken = await verify(domain_id)
    publish_wanted(NAME)

    mended = await verify(domain_id)

    assert (broken.status, mended.status) == ("failed", "verified")


@pytest.mark.parametrize(
    "fault", [ZoneFault(rcode="SERVFAIL"), ZoneFault(rcode="REFUSED"), ZoneFault(is_silent=True)], ids=str
)
@pytest.mark.parametrize("before", [{}, ALL_VERIFIED, {"status": "failed", "mx_record_verified": True}], ids=str)
async def test_what_could_not_be_asked_changes_no_state(database, domain_id, sandbox_dns, fault, before):
    await change_domain(database, domain_id, **before)
    before = await flags(database, domain_id)
    sandbox_dns.zones.set_fault(NAME, fault)

    report = await domain_checks_controller.verify_domain(
        database, domain_id, asker=PatientDns(timeout_seconds=0.3), publish=lambda change: None
    )

    assert set(verdicts(report).values()) == {Verdict.UNKNOWN}
    assert report.status == before["status"]
    assert await flags(database, domain_id) == before
    assert await audit_controller.list_entries(database, text="domain.status") == ()


async def test_a_truncated_answer_is_fetched_again_by_tcp(domain_id, verify, sandbox_dns):
    sandbox_dns.zones.set_fault(NAME, ZoneFault(truncates=True))

    report = await verify(domain_id)

    assert report.status == "verified"


async def test_one_resolver_that_lies_against_two_is_outvoted_and_shown(domain_id, verify, sandbox_dns):
    sandbox_dns.zones.set_fault(NAME, ZoneFault(lying_resolver=1, lie="lie.example"))

    report = await verify(domain_id)

    assert verdicts(report) == verdicts_with()
    answers = report.record(RecordKind.SPF).answers
    assert [answer.verdict for answer in answers] == [Verdict.OK] * 3 + [Verdict.WRONG] + [Verdict.OK]
    assert report.record(RecordKind.SPF).warnings


async def test_resolvers_that_still_remember_the_old_are_unknown_and_not_wrong(
    domain_id, verify, sandbox_dns, publish_wanted
):
    sandbox_dns.set_cache_seconds(300)
    sandbox_dns.zones.break_record(NAME, RecordKind.OWNERSHIP, Breakage.MISSING)
    broken = await verify(domain_id)
    publish_wanted(NAME)

    spreading = await verify(domain_id)
    sandbox_dns.flush()
    spread = await verify(domain_id)

    assert broken.record(RecordKind.OWNERSHIP).verdict is Verdict.WRONG
    assert spreading.record(RecordKind.OWNERSHIP).verdict is Verdict.UNKNOWN
    assert spreading.record(RecordKind.OWNERSHIP).code == "DNS_SPREADING"
    assert spread.status == "verified"


async def test_our_mechanism_is_merged_into_the_record_that_a_domain_has(
    database, domain_id, verify, sandbox_dns, asker
):
    sandbox_dns.zones.set_records(NAME, "TXT", ["site-verification=1", "v=spf1 a:web.example.org -all"])
    sandbox_dns.zones.add_zone("example.org")
    sandbox_dns.zones.set_records("web.example.org", "A", ["192.0.2.80"])

    report = await verify(domain_id)
    shown = await domain_records_controller.records_to_publish(database, domain_id, asker=asker)
    sandbox_dns.zones.set_records(NAME, "TXT", [*report.record(RecordKind.SPF).publish])
    after = await verify(domain_id)

    assert report.record(RecordKind.SPF).verdict is Verdict.WRONG
    assert report.record(RecordKind.SPF).publish == ("v=spf1 a:web.example.org ip4:192.0.2.25 -all",)
    (spf,) = [record for record in shown.records if record.kind is RecordKind.SPF]
    assert (spf.value, spf.merged) == ("v=spf1 a:web.example.org ip4:192.0.2.25 -all", True)
    assert shown.note is None
    assert after.status == "verified"


@pytest.fixture
def others(sandbox_dns):
    """Domains that the SPF records of others refer to: ours, one that exists without a record, one dear one."""
    sandbox_dns.zones.add_zone("fwd.test")
    sandbox_dns.zones.set_records("spf.fwd.test", "TXT", ["v=spf1 ip4:192.0.2.25 -all"])
    sandbox_dns.zones.set_records("web.fwd.test", "A", ["192.0.2.80"])
    for name in ("void1", "void2", "void3"):
        sandbox_dns.zones.set_records(f"{name}.fwd.test", "TXT", ["hello"])
    dear = " ".join(["a:web.fwd.test"] * 4)
    for name in ("dear1", "dear2"):
        sandbox_dns.zones.set_records(f"{name}.fwd.test", "TXT", [f"v=spf1 {dear} -all"])


@pytest.fixture
async def verify_spf(database, domain_id, verify, sandbox_dns, actor, others):
    """Publish an SPF record, verify, publish what is offered instead, verify again; give both reports."""
    values = {"mail.spf": "include:spf.fwd.test"}
    await settings_controller.change_settings(database, values, actor=actor, publish=lambda change: None)

    async def verify_both(record):
        sandbox_dns.zones.set_records(NAME, "TXT", [record])
        before = (await verify(domain_id)).record(RecordKind.SPF)
        sandbox_dns.zones.set_records(NAME, "TXT", [*before.publish])
        return before, (await verify(domain_id)).record(RecordKind.SPF)

    return verify_both


@pytest.mark.parametrize(
    ("record", "offered", "removed"),
    [
        (
            "v=spf1 mx a ip4:192.0.2.300 include:spf.fwd.test ~all",
            "v=spf1 mx a include:spf.fwd.test ~all",
            "“ip4:192.0.2.300”",
        ),
        (
            f"v=spf1 include:{NAME} include:spf.fwd.test ~all",
            "v=spf1 include:spf.fwd.test ~all",
            f"“include:{NAME}”",
        ),
        (
            "v=spf1 include:void1.fwd.test include:void2.fwd.test include:void3.fwd.test include:spf.fwd.test -all",
            "v=spf1 include:spf.fwd.test -all",
            "“include:void1.fwd.test”, “include:void2.fwd.test”, “include:void3.fwd.test”",
        ),
        (
            "v=spf1 a:n1.fwd.test a:n2.fwd.test a:web.fwd.test a:n3.fwd.test include:spf.fwd.test -all",
            "v=spf1 a:web.fwd.test include:spf.fwd.test -all",
            "“a:n1.fwd.test”, “a:n2.fwd.test”, “a:n3.fwd.test”",
        ),
        ("v=spf1 redirect=void1.fwd.test", "v=spf1 include:spf.fwd.test", "“redirect=void1.fwd.test”"),
        ("v=spf1 -include:spf.fwd.test ~all", "v=spf1 include:spf.fwd.test ~all", ""),
    ],
)
async def test_publishing_what_is_offered_instead_of_a_broken_record_makes_it_right(
    database, domain_id, verify_spf, sandbox_dns, asker, record, offered, removed
):
    before, after = await verify_spf(record)

    assert (before.verdict, before.publish) == (Verdict.WRONG, (offered,))
    assert after.verdict is Verdict.OK
    taken_out = [str(warning) for warning in before.warnings if "Taken out" in str(warning)]
    assert bool(taken_out) is bool(removed)
    assert all(removed in warning for warning in taken_out)
    sandbox_dns.zones.set_records(NAME, "TXT", [record])
    asker.forget(NAME)
    shown = await domain_records_controller.records_to_publish(database, domain_id, asker=asker)
    assert [one.value for one in shown.records if one.kind is RecordKind.SPF] == [offered]
    assert bool(shown.note) is bool(removed)


@pytest.mark.parametrize("ours", ["", "include:spf.fwd.test "])
async def test_a_record_with_too_many_lookups_is_not_offered_again(
    database, domain_id, verify_spf, sandbox_dns, asker, ours
):
    record = f"v=spf1 include:dear1.fwd.test include:dear2.fwd.test a:web.fwd.test {ours}-all"

    before, _ = await verify_spf(record)
    sandbox_dns.zones.set_records(NAME, "TXT", [record])
    shown = await domain_records_controller.records_to_publish(database, domain_id, asker=asker)

    assert (before.verdict, before.publish) == (Verdict.WRONG, ())
    notes = "\n".join(map(str, before.warnings))
    assert (
        "include:dear1.fwd.test (5), include:dear2.fwd.test (5), a:web.fwd.test (1), include:spf.fwd.test (1)" in notes
    )
    assert RecordKind.SPF not in {one.kind for one in shown.records}
    assert "10 DNS look-ups" in str(shown.note)


async def test_our_own_mechanism_that_covers_nothing_is_told_as_such(
    database, domain_id, verify, sandbox_dns, actor, others
):
    values = {"mail.spf": "include:void1.fwd.test"}
    await settings_controller.change_settings(database, values, actor=actor, publish=lambda change: None)
    sandbox_dns.zones.set_records(NAME, "TXT", ["v=spf1 include:void1.fwd.test ~all"])

    spf = (await verify(domain_id)).record(RecordKind.SPF)

    assert (spf.verdict, spf.publish) == (Verdict.WRONG, ())
    assert "No record can be offered" in str(spf.warnings[0])


async def test_when_the_own_record_cannot_be_asked_for_the_records_say_so(database, domain_id, sandbox_dns, asker):
    sandbox_dns.zones.set_fault(NAME, ZoneFault(rcode="SERVFAIL"))

    shown = await domain_records_controller.records_to_publish(database, domain_id, asker=asker)
    offline = await domain_records_controller.records_to_publish(database, domain_id, asker=None)

    assert "second" in str(shown.note)
    assert offline.note is None
    assert [record.kind for record in shown.records] == [RecordKind.MX, *RecordKind]
    assert shown.records == offline.records


async def test_an_included_policy_that_cannot_be_asked_for_is_unknown(database, domain_id, verify, actor, sandbox_dns):
    values = {"mail.spf": "include:spf.example.net", "mail.sending_addresses": ""}
    await settings_controller.change_settings(database, values, actor=actor, publish=lambda change: None)
    sandbox_dns.zones.set_records(NAME, "TXT", ["v=spf1 include:spf.example.net ~all"])
    sandbox_dns.zones.add_zone("spf.example.net")
    sandbox_dns.zones.set_records("spf.example.net", "TXT", ["v=spf1 ip4:192.0.2.25 -all"])

    right = await verify(domain_id)
    sandbox_dns.zones.set_fault("spf.example.net", ZoneFault(rcode="SERVFAIL"))
    report = await domain_checks_controller.verify_domain(
        database, domain_id, asker=PatientDns(timeout_seconds=10), publish=lambda change: None
    )

    assert right.status == "verified"
    assert report.record(RecordKind.SPF).verdict is not Verdict.WRONG
    assert report.status == "verified"


async def test_a_verified_domain_falls_after_three_wrong_answers_over_half_an_hour(
    database, domain_id, verify, sandbox_dns
):
    await change_domain(database, domain_id, **ALL_VERIFIED)
    sandbox_dns.zones.break_record(NAME, RecordKind.MX, Breakage.MISSING)
    seen = []
    for minutes_ago in (0, 0, 0, 31):
        stored = await stored_domain(database, domain_id)
        states = stored.record_states
        if minutes_ago:
            states["mx"]["first_wrong_at"] = (datetime.now(UTC) - timedelta(minutes=minutes_ago)).isoformat()
            await change_domain(database, domain_id, record_states=states)
        report = await verify(domain_id)
        stored = await stored_domain(database, domain_id)
        seen.append((report.status, stored.record_states["mx"]["wrong_count"], stored.mx_record_verified))

    assert seen == [("verified", 1, True), ("verified", 2, True), ("verified", 3, True), ("failed", 0, False)]
    assert (await stored_domain(database, domain_id)).needs_attention
    assert len(await audit_controller.list_entries(database, text="domain.status")) == 1


async def test_silence_between_wrong_answers_neither_counts_nor_calms(database, domain_id, verify, sandbox_dns):
    await change_domain(database, domain_id, **ALL_VERIFIED)
    sandbox_dns.zones.break_record(NAME, RecordKind.MX, Breakage.MISSING)
    await verify(domain_id)
    sandbox_dns.zones.set_fault(NAME, ZoneFault(rcode="SERVFAIL"))

    report = await verify(domain_id)

    stored = await stored_domain(database, domain_id)
    assert report.status == "verified"
    assert stored.record_states["mx"] | {"first_wrong_at": None} == {
        "verdict": "unknown",
        "wrong_count": 1,
        "first_wrong_at": None,
    }
    assert stored.needs_attention


async def test_history_is_kept_read_on_and_told_per_record(database, domain_id, verify, sandbox_dns):
    first = await verify(domain_id)
    sandbox_dns.zones.break_record(NAME, RecordKind.MX, Breakage.MISSING)
    second = await verify(domain_id)

    newest = await domain_checks_controller.history(database, domain_id, limit=5)
    older = await domain_checks_controller.history(database, domain_id, before=newest[-1].id)
    of_mx = await domain_checks_controller.history(database, domain_id, kind=RecordKind.MX)

    assert {check.checked_at for check in newest} == {second.checked_at}
    assert {check.checked_at for check in older} == {first.checked_at}
    assert [check.report.verdict for check in of_mx] == [Verdict.WRONG, Verdict.OK]
    assert of_mx[0].report == second.record(RecordKind.MX)


async def test_the_last_report_reads_back_as_it_was_made(database, domain_id, verify):
    never = await domain_checks_controller.last_report(database, domain_id)
    made = await verify(domain_id)

    read = await domain_checks_controller.last_report(database, domain_id)

    assert never is None
    assert read == made


async def test_nothing_is_checked_before_our_own_servers_are_known(database, domain_id, verify, actor):
    await settings_controller.change_settings(database, {"mail.mx": ""}, actor=actor, publish=lambda change: None)

    with pytest.raises(UserFacingError) as refused:
        await verify(domain_id)

    assert refused.value.code == "MAIL_IDENTITY_INCOMPLETE"
    assert await check_count(database) == 0


async def test_a_domain_that_is_gone_is_said_to_be_gone(verify, mail_settings):
    with pytest.raises(NotFoundError) as refused:
        await verify(DomainId(404))

    assert refused.value.code == "DOMAIN_NOT_FOUND"


async def test_a_domain_deleted_while_it_is_checked_is_said_to_be_gone(
    database, domain_id, verify, asker, actor, changes
):
    go_on = asker.hold(NAME)
    running = asyncio.create_task(verify(domain_id))
    await asyncio.wait_for(asker.arrived.get(), 10)
    await domains_controller.delete_domain(
        database, domain_id, confirmed_name=NAME, actor=actor, publish=lambda change: None
    )
    go_on.set()

    with pytest.raises(NotFoundError):
        await running

    assert await check_count(database) == 0
    assert changes == []


async def test_a_database_lost_while_checking_is_told_as_such(database, domain_id, asker, verify, tmp_path):
    go_on = asker.hold(NAME)
    running = asyncio.create_task(verify(domain_id))
    await asyncio.wait_for(asker.arrived.get(), 10)
    await database.close()
    database.engine = create_async_engine(f"postgresql+psycopg://smtpy@/smtpy?host={tmp_path}")
    go_on.set()

    with pytest.raises(DatabaseUnavailable):
        await running


async def test_sixty_domains_are_checked_with_progress_and_reports_as_they_come(
    database, organization, publish_wanted, sandbox_dns, asker, changes
):
    names = [f"d{number}.example" for number in range(60)]
    publish_wanted(*names)
    sandbox_dns.zones.break_record(names[0], RecordKind.SPF, Breakage.MISSING)
    sandbox_dns.zones.set_fault(names[1], ZoneFault(rcode="SERVFAIL"))
    ids = await insert_domains(database, organization.id, names)
    progress, reports, notices = Progress(), [], []

    summary = await domain_checks_controller.verify_domains(
        database,
        [*ids, DomainId(404), ids[0]],
        asker=asker,
        publish=changes.append,
        progress=progress,
        on_report=reports.append,
        on_notice=notices.append,
    )

    assert (summary.checked, summary.verified, summary.wrong, summary.unknown) == (60, 58, 1, 1)
    assert summary.missing == (404,)
    assert (progress.done, progress.total) == (60, 60)
    assert sorted(report.domain_id for report in reports) == ids
    assert frozenset().union(*(change.ids for change in changes)) == frozenset(ids)
    assert len(changes) > 1
    assert {(notice.old, notice.new) for notice in notices} == {
        (DomainStatus.PENDING, DomainStatus.VERIFIED),
        (DomainStatus.PENDING, DomainStatus.FAILED),
    }
    assert len(notices) == 59


async def test_a_cancelled_run_keeps_what_is_done(database, organization, publish_wanted, asker, changes):
    names = [f"d{number}.example" for number in range(60)]
    publish_wanted(*names)
    for name in names[30:]:
        asker.hold(name)
    ids = await insert_domains(database, organization.id, names)
    told, half_done = [], asyncio.Event()

    def tell(report):
        told.append(report.domain_id)
        if len(told) == 30:
            half_done.set()

    running = asyncio.create_task(
        domain_checks_controller.verify_domains(database, ids, asker=asker, publish=changes.append, on_report=tell)
    )
    await asyncio.wait_for(half_done.wait(), 20)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    states = [(await stored_domain(database, domain_id)).status for domain_id in ids]
    assert states == ["verified"] * 30 + ["pending"] * 30
    assert await check_count(database) == 150


async def test_no_domains_are_checked_in_no_time(database, mail_settings, asker):
    summary = await domain_checks_controller.verify_domains(database, [], asker=asker, publish=lambda change: None)

    assert (summary.checked, summary.missing) == (0, ())
