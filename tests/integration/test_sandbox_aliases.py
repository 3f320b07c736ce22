"""The sandbox's aliases: what its messages show is what its aliases say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from smtpy_desktop.controllers import aliases_controller, organizations_controller, rules_controller
from smtpy_desktop.core.domain_name import parse_domain_name
from smtpy_desktop.core.rule_words import rule_sentence
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.sandbox.sample_aliases import add_aliases
from smtpy_desktop.sandbox.sample_catalogue import DOMAINS
from smtpy_desktop.sandbox.sample_rules import add_rules
from smtpy_desktop.sandbox.sample_texts import RECIPIENT_PARTS, usual_target
from smtpy_desktop.schemas.aliases import AliasQuery, MatchKind
from smtpy_desktop.schemas.identifiers import DomainId
from smtpy_desktop.schemas.secrets import KeyringState
from tests.helpers.page_world import PageWorld, page_world
from tests.helpers.stored_domains import insert_domains


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[PageWorld]:
    """Give an empty database."""
    with page_world(database_url, tmp_path, MemoryKeyring(state=KeyringState.AVAILABLE)) as opened:
        yield opened


@pytest.fixture
def domains(world: PageWorld) -> dict[str, DomainId]:
    """Give the sample domains."""
    services = world.context.services
    owner = world.run(
        organizations_controller.create_organization(
            services.sessions, "Sample", "admin@out.example", actor=services.actor, publish=services.publish
        )
    )
    names = [parse_domain_name(sample.name).name for sample in DOMAINS]
    ids = world.run(insert_domains(world.database, owner.id, names))
    return dict(zip((sample.name for sample in DOMAINS), ids, strict=True))


def test_every_sample_address_leads_where_the_sample_messages_went(
    world: PageWorld, domains: dict[str, DomainId]
) -> None:
    services = world.context.services

    world.run(add_aliases(services, domains))
    world.run(add_aliases(services, domains))  # an interrupted filling begins again
    totals = world.run(aliases_controller.alias_totals(services.sessions, AliasQuery()))

    assert totals.total >= len(domains) * (len(RECIPIENT_PARTS) + 1)
    assert totals.inactive > 0
    for name, domain_id in list(domains.items())[:4]:
        for part in RECIPIENT_PARTS:
            found = world.run(aliases_controller.find_route(services.sessions, f"{part}@{name}"))
            assert [target.address for target in found.targets] == [usual_target(domain_id, part)]


def test_sample_rules_are_there_once_however_often_the_filling_begins(
    world: PageWorld, domains: dict[str, DomainId]
) -> None:
    services = world.context.services
    world.run(add_aliases(services, domains))

    world.run(add_rules(services))
    world.run(add_rules(services))
    owner = world.run(rules_controller.find_owner(services.sessions, "invoices@brightwater.example"))
    found = world.run(rules_controller.owner_rules(services.sessions, owner.domain_id, owner.alias_id))

    assert [str(rule_sentence(rule)) for rule in (*found.rules, *found.domain_rules)] == [
        "Mail from anything@cloudworks.example with an attachment is also forwarded to desk@postfach.example.",
        "Mail larger than 10 MB is refused.",
        "Mail with “casino” in the subject is refused.",
    ]


def test_one_sample_domain_has_a_catch_all(world: PageWorld, domains: dict[str, DomainId]) -> None:
    services = world.context.services

    world.run(add_aliases(services, domains))
    found = world.run(aliases_controller.find_route(services.sessions, "anybody@brightwater.example"))

    assert found.match.kind is MatchKind.CATCH_ALL
    assert found.targets
