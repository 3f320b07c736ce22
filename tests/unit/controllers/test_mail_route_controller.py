"""Where mail is taken: the smart host, or the servers that the DNS names; never to ourselves."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from smtpy_desktop.controllers.mail_route_controller import ServerRoutes
from smtpy_desktop.schemas.dns import Answer, AnswerState, Question
from smtpy_desktop.schemas.dns_zone import ZoneServers
from smtpy_desktop.schemas.mail_identity import DnsSettings, Resolver
from smtpy_desktop.schemas.mail_route import MailRoute, OwnPlaces
from smtpy_desktop.schemas.messages import DeliveryState

DNS = DnsSettings((Resolver("192.0.2.53"),))
OWN = OwnPlaces(frozenset({"mx.our.example", "mx2.our.example"}), frozenset({("198.51.100.9", 25), ("0.0.0.0", 2525)}))


@dataclass
class Zone:
    """Answers from a table; a state instead of values is answered as such, and what is not there is NXDOMAIN."""

    records: dict[tuple[str, str], tuple[str, ...] | AnswerState] = field(default_factory=dict)

    async def look_up(self, question: Question, settings: DnsSettings) -> Answer:
        found = self.records.get((question.name, question.type))
        if isinstance(found, AnswerState):
            return Answer("test", False, found)
        if found is not None:
            return Answer("test", False, AnswerState.FOUND, found)
        exists = any(name == question.name for name, _ in self.records)
        return Answer("test", False, AnswerState.EMPTY if exists else AnswerState.NO_NAME)

    async def find_zone(self, name: str, settings: DnsSettings, *, fresh: bool = False) -> ZoneServers:
        raise NotImplementedError

    async def ask_everywhere(self, question: Question, zone: ZoneServers, settings: DnsSettings) -> tuple[Answer, ...]:
        raise NotImplementedError

    def forget(self, name: str) -> None:
        raise NotImplementedError


def routes_for(records: dict, *, smarthost: str = "", **options) -> ServerRoutes:
    zone = Zone({tuple(key.split(" ")): value for key, value in records.items()})
    return ServerRoutes(zone, lambda: DNS, smarthost=lambda: smarthost, own=lambda: OWN, **options)


async def route(records: dict, recipient: str = "bob@target.example", **options) -> MailRoute:
    return await routes_for(records, **options).find(recipient)


def addresses(found: MailRoute) -> list[str]:
    assert found.failure is None
    return [server.address for server in found.servers]


def failure(found: MailRoute) -> tuple[DeliveryState, str | None, str | None]:
    assert found.failure is not None
    assert not found.servers
    return found.failure.outcome, found.failure.enhanced, found.failure.bounce_class


async def test_servers_come_by_preference_with_all_their_addresses() -> None:
    found = await route(
        {
            "target.example MX": ("20 b.target.example.", "10 a.target.example."),
            "a.target.example A": ("192.0.2.1",),
            "a.target.example AAAA": ("2001:db8::1",),
            "b.target.example A": ("192.0.2.2",),
        }
    )

    assert [(server.name, server.address, server.port) for server in found.servers] == [
        ("a.target.example", "192.0.2.1", 25),
        ("a.target.example", "2001:db8::1", 25),
        ("b.target.example", "192.0.2.2", 25),
    ]


async def test_without_mx_the_domain_itself_is_the_server() -> None:
    assert addresses(await route({"target.example A": ("192.0.2.1",)})) == ["192.0.2.1"]


async def test_an_international_domain_is_asked_for_by_its_a_labels() -> None:
    found = await route(
        {"xn--bcher-kva.example MX": ("1 a.example.",), "a.example A": ("192.0.2.1",)}, "x@Bücher.example"
    )

    assert addresses(found) == ["192.0.2.1"]


@pytest.mark.parametrize(
    ("records", "outcome", "enhanced"),
    [
        ({}, DeliveryState.FAILED, "5.1.2"),
        ({"target.example MX": ("0 .",)}, DeliveryState.FAILED, "5.1.10"),
        ({"target.example MX": AnswerState.SERVFAIL}, DeliveryState.DEFERRED, "4.4.3"),
        ({"target.example MX": AnswerState.TIMEOUT}, DeliveryState.DEFERRED, "4.4.3"),
        ({"target.example MX": AnswerState.REFUSED}, DeliveryState.DEFERRED, "4.4.3"),
        ({"target.example TXT": ("x",)}, DeliveryState.FAILED, "5.4.4"),
        ({"target.example MX": ("10 gone.example.",)}, DeliveryState.FAILED, "5.4.4"),
        (
            {"target.example MX": ("10 a.example.",), "a.example A": AnswerState.SERVFAIL},
            DeliveryState.DEFERRED,
            "4.4.3",
        ),
        ({"target.example A": AnswerState.TIMEOUT}, DeliveryState.DEFERRED, "4.4.3"),
    ],
)
async def test_what_the_dns_says_for_certain_is_final_and_its_silence_is_not(
    records: dict, outcome: DeliveryState, enhanced: str
) -> None:
    assert failure(await route(records))[:2] == (outcome, enhanced)


async def test_one_server_that_cannot_be_found_now_does_not_hide_another() -> None:
    found = await route(
        {
            "target.example MX": ("10 a.example.", "20 b.example."),
            "a.example A": AnswerState.SERVFAIL,
            "b.example A": ("192.0.2.2",),
        }
    )

    assert addresses(found) == ["192.0.2.2"]


async def test_behind_ourselves_nobody_is_asked() -> None:
    records = {
        "target.example MX": ("10 a.example.", "20 mx.our.example.", "30 c.example."),
        "a.example A": ("192.0.2.1",),
        "c.example A": ("192.0.2.3",),
        "mx.our.example A": ("198.51.100.7",),
    }

    assert addresses(await route(records)) == ["192.0.2.1"]


@pytest.mark.parametrize(
    "records",
    [
        {"target.example MX": ("10 MX2.our.example.", "20 b.example."), "b.example A": ("192.0.2.2",)},
        {"target.example MX": ("10 other-name.example.",), "other-name.example A": ("198.51.100.9",)},
        {"mx.our.example A": ("192.0.2.1",), "target.example MX": ("10 mx.our.example.",)},
    ],
)
async def test_mail_that_would_come_back_to_us_fails_as_a_loop(records: dict) -> None:
    assert failure(await route(records)) == (DeliveryState.FAILED, "5.4.6", "loop")


async def test_equal_servers_and_addresses_share_the_load() -> None:
    records = {
        "target.example MX": ("10 a.example.", "10 b.example."),
        "a.example A": ("192.0.2.1", "192.0.2.2"),
        "b.example A": ("192.0.2.3",),
    }
    routes = routes_for(records)

    first = {(await routes.find("bob@target.example")).servers[0].address for _ in range(100)}

    assert first == {"192.0.2.1", "192.0.2.2", "192.0.2.3"}


@pytest.mark.parametrize(
    ("domain", "expected"),
    [("[192.0.2.8]", ["192.0.2.8"]), ("[IPv6:2001:db8::8]", ["2001:db8::8"]), ("[ipv6:2001:DB8::8]", ["2001:DB8::8"])],
)
async def test_an_address_literal_is_its_own_server(domain: str, expected: list[str]) -> None:
    assert addresses(await route({}, f"bob@{domain}")) == expected


@pytest.mark.parametrize(
    "domain", ["[198.51.100.9]", "[127.0.0.1]", "[0.0.0.0]", "[IPv6:::1]", "[IPv6:::ffff:127.0.0.1]"]
)
async def test_a_literal_of_ourselves_is_a_loop(domain: str) -> None:
    assert failure(await route({}, f"bob@{domain}"))[1] == "5.4.6"


@pytest.mark.parametrize("domain", ["", "a b", "x..y", "[999.1.1.1]", "-x.example", "a" * 300])
async def test_what_is_no_domain_fails(domain: str) -> None:
    assert failure(await route({}, f"bob@{domain}"))[:2] == (DeliveryState.FAILED, "5.1.2")


async def test_an_exchanger_on_this_machine_is_no_way_in() -> None:
    records = {"target.example MX": ("10 a.example.",), "a.example A": ("127.0.0.1",)}

    assert failure(await route(records))[1] == "5.4.4"
    assert addresses(await route(records, allows_loopback=True)) == ["127.0.0.1"]


async def test_the_smart_host_takes_everything() -> None:
    records = {"relay.example A": ("192.0.2.5",), "relay.example AAAA": ("2001:db8::5",)}

    found = await route(records, smarthost="relay.example:587")

    assert [(server.name, server.address, server.port) for server in found.servers] == [
        ("relay.example", "192.0.2.5", 587),
        ("relay.example", "2001:db8::5", 587),
    ]


@pytest.mark.parametrize(
    ("smarthost", "expected"), [("127.0.0.1:2526", "127.0.0.1"), ("[2001:db8::5]:25", "2001:db8::5")]
)
async def test_a_smart_host_may_be_an_address(smarthost: str, expected: str) -> None:
    assert addresses(await route({}, smarthost=smarthost)) == [expected]


@pytest.mark.parametrize(
    ("smarthost", "enhanced"), [("gone.example:25", "4.4.4"), ("127.0.0.1:2525", "4.4.6"), ("nonsense", "4.3.5")]
)
async def test_a_smart_host_that_is_wrong_is_our_mistake_and_costs_no_mail(smarthost: str, enhanced: str) -> None:
    assert failure(await route({}, smarthost=smarthost))[:2] == (DeliveryState.DEFERRED, enhanced)
