"""Rules over a real database: added, ordered, changed, deleted and brought back."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import insert

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers import aliases_controller, audit_controller, domains_controller, rules_controller
from smtpy_desktop.database.models import RuleMatches
from smtpy_desktop.errors import FieldError, NotFoundError
from smtpy_desktop.schemas.rules import RuleAction, RuleCondition, RuleField
from tests.helpers.rules_world import RulesWorld, draft


@pytest.fixture
async def world(database, organization, actor):
    return await RulesWorld(database, actor).begin(organization.id)


async def count_matches(database, rule, matches):
    async with database.begin() as db:
        await db.execute(insert(RuleMatches).values(rule_id=rule.id, matches=matches))


async def test_a_rule_is_kept_in_the_form_that_mail_is_compared_with(world):
    await world.alias("info@a.example")

    rule = await world.add(
        "INFO@a.example",
        "redirect",
        ("sender_equals", " <Boss@BÜCHER.example> "),
        ("sender_domain", "@Shop.Example."),
        ("larger_than", "5 MB"),
        ("has_attachment", ""),
        ("has_attachment", "Yes"),
        targets="one@out.example, two@out.example",
        name=" big\nmail ",
    )

    assert rule.conditions == (
        RuleCondition(RuleField.SENDER_EQUALS, "boss@xn--bcher-kva.example"),
        RuleCondition(RuleField.SENDER_DOMAIN, "shop.example"),
        RuleCondition(RuleField.LARGER_THAN, str(5 * 1024**2)),
        RuleCondition(RuleField.HAS_ATTACHMENT, "yes"),
    )
    assert ([target.key for target in rule.targets], rule.name) == (["one@out.example", "two@out.example"], "big mail")
    assert (await world.of("info@a.example")).rules == (rule,)
    assert world.changes[-1] == Change(Topic.RULES, frozenset({rule.id}))
    entry = (await audit_controller.list_entries(world.database))[0]
    assert (entry.action, entry.object_type, entry.object_name) == ("rule.added", "rule", "info@a.example")


@pytest.mark.parametrize(
    ("action", "conditions", "targets", "field", "code"),
    [
        ("refuse", [("sender_equals", "nobody")], "", "condition-0", "EMAIL_INVALID"),
        ("refuse", [("subject_contains", "x"), ("larger_than", "much")], "", "condition-1", "RULE_SIZE"),
        ("refuse", [("subject_contains", " \0 ")], "", "condition-0", "RULE_VALUE_MISSING"),
        ("refuse", [("sender_domain", "*.shop.example")], "", "condition-0", "RULE_DOMAIN_WILDCARD"),
        ("refuse", [("has_attachment", "yes"), ("has_attachment", "no")], "", "condition-1", "RULE_NEVER"),
        ("refuse", [], "x@out.example", "targets", "RULE_NO_TARGETS"),
        ("forward", [], "", "targets", "ALIAS_NO_TARGET"),
        ("redirect", [], "info@a.example", "targets", "ALIAS_TO_ITSELF"),
        ("forward", [], "loop@b.example", "targets", "ALIAS_CYCLE"),
        ("forward", [], "nobody@b.example", "targets", "ALIAS_LEADS_NOWHERE"),
    ],
)
async def test_what_makes_no_rule_is_refused_beside_its_field(world, action, conditions, targets, field, code):
    await world.alias("info@a.example")
    await world.alias("loop@b.example", "info@a.example")

    with pytest.raises(FieldError) as refused:
        await world.add("info@a.example", action, *conditions, targets=targets)

    assert (refused.value.field, refused.value.code) == (field, code)
    assert refused.value.hint is not None
    assert (await world.of("info@a.example")).rules == ()


async def test_an_alias_cannot_close_a_circle_through_a_rule_either(world):
    await world.alias("one@a.example")
    two = await world.alias("two@a.example")
    await world.add("one@a.example", "redirect", targets="two@a.example")

    with pytest.raises(FieldError) as refused:
        await aliases_controller.update_alias(
            world.database, two.id, targets="one@a.example", actor=world.actor, publish=world.changes.append
        )

    assert refused.value.code == "ALIAS_CYCLE"


async def test_a_target_of_a_rule_that_died_is_told_and_keeps_nobody_from_saving_the_alias(world):
    info = await world.alias("info@a.example")
    gone = await world.alias("gone@a.example")
    rule = await world.add("info@a.example", "forward", targets="gone@a.example")
    await aliases_controller.delete_aliases(world.database, [gone.id], actor=world.actor, publish=world.changes.append)

    await aliases_controller.update_alias(
        world.database, info.id, targets="new@out.example", actor=world.actor, publish=world.changes.append
    )

    ((rule_id, dead),) = (await world.of("info@a.example")).dead
    assert (rule_id, [target.address for target in dead]) == (rule.id, ["gone@a.example"])


async def test_a_rule_of_a_domain_may_send_to_an_alias_of_the_domain(world):
    await world.alias("archive@a.example")

    rule = await world.add("a.example", "forward", ("sender_domain", "b.example"), targets="archive@a.example")
    seen = await world.of("archive@a.example")

    assert (seen.rules, seen.domain_rules, seen.domain_name) == ((), (rule,), "a.example")


async def test_postmaster_cannot_be_shut_by_a_rule_but_be_guarded(world):
    await world.alias("postmaster@a.example")

    with pytest.raises(FieldError) as refused:
        await world.add("postmaster@a.example", "refuse")
    kept = await world.add("postmaster@a.example", "refuse", ("larger_than", "10M"))

    assert (refused.value.field, kept.action) == ("action", RuleAction.REFUSE)


async def test_rules_are_put_in_order_and_stay_there(world):
    await world.alias("info@a.example")
    a, b, c = [await world.add("info@a.example", "refuse", ("subject_contains", n), name=n) for n in "abc"]
    first = await world.add("info@a.example", "discard", ("subject_contains", "z"), name="z", place=0)
    added = await world.names("info@a.example")

    was = await rules_controller.move_rule(world.database, c.id, 1, actor=world.actor, publish=world.changes.append)
    moved = await world.names("info@a.example")
    await rules_controller.move_rule(world.database, first.id, 99, actor=world.actor, publish=world.changes.append)
    ended = await world.names("info@a.example")
    before = len(world.changes)
    await rules_controller.move_rule(world.database, first.id, 3, actor=world.actor, publish=world.changes.append)

    assert (added, was, moved, ended) == (list("zabc"), 3, list("zcab"), list("cabz"))
    assert len(world.changes) == before
    assert {a.id, b.id, c.id, first.id} == world.changes[-1].ids


async def test_two_who_move_at_once_leave_every_rule_in_a_place_of_its_own(world):
    await world.alias("info@a.example")
    rules = [await world.add("info@a.example", "refuse", ("subject_contains", n), name=n) for n in "abcdef"]

    await asyncio.gather(
        *(
            rules_controller.move_rule(
                world.database, rule.id, 5 - place, actor=world.actor, publish=world.changes.append
            )
            for place, rule in enumerate(rules)
        )
    )

    found = (await world.of("info@a.example")).rules
    assert sorted(rule.name for rule in found) == list("abcdef")
    assert [rule.position for rule in found] == [1, 2, 3, 4, 5, 6]


async def test_a_change_is_written_down_and_none_is_no_change(world):
    await world.alias("info@a.example")
    rule = await world.add("info@a.example", "refuse", ("larger_than", "5M"))

    after = await world.update(rule, draft("discard", ("larger_than", "6M"), name="big", active=False))
    entry = (await audit_controller.list_entries(world.database))[0]
    before = len(world.changes)
    again = await world.update(rule, draft("discard", ("larger_than", "6 MB"), name="big", active=False))

    assert (again, len(world.changes)) == (after, before)
    assert entry.changes == {
        "rule": ["Mail larger than 5 MB is refused.", "Mail larger than 6 MB is accepted and thrown away."],
        "name": ["", "big"],
        "is_active": [True, False],
    }


async def test_deleted_rules_come_back_at_their_place_with_what_they_had_counted(world):
    await world.alias("info@a.example")
    rules = [await world.add("info@a.example", "refuse", ("subject_contains", n), name=n) for n in "abc"]
    await count_matches(world.database, rules[1], 7)

    gone = await rules_controller.delete_rules(
        world.database, [rules[1].id, 999_999], actor=world.actor, publish=world.changes.append
    )
    without = await world.names("info@a.example")
    await rules_controller.restore_rules(world.database, gone, actor=world.actor, publish=world.changes.append)
    found = (await world.of("info@a.example")).rules

    assert (without, [rule.name for rule in found]) == (["a", "c"], ["a", "b", "c"])
    assert [rule.matches for rule in found] == [0, 7, 0]
    assert found[1].last_match_at is not None


async def test_the_rules_of_a_deleted_alias_come_back_with_it(world):
    info = await world.alias("info@a.example")
    rules = [await world.add("info@a.example", "refuse", ("subject_contains", n), name=n) for n in "ab"]
    await count_matches(world.database, rules[0], 3)

    gone = await aliases_controller.delete_aliases(
        world.database, [info.id], actor=world.actor, publish=world.changes.append
    )
    with pytest.raises(NotFoundError):
        await rules_controller.get_rule(world.database, rules[0].id)
    await aliases_controller.restore_aliases(world.database, gone, actor=world.actor, publish=world.changes.append)

    found = (await world.of("info@a.example")).rules
    assert [(rule.name, rule.matches) for rule in found] == [("a", 3), ("b", 0)]


async def test_a_domain_is_not_shut_by_a_rule_without_conditions(world):
    with pytest.raises(FieldError) as refused:
        await world.add("a.example", "discard")

    assert (refused.value.field, refused.value.code) == ("action", "RULE_SHUTS_DOMAIN")


async def test_places_have_no_gaps_and_a_restored_rule_takes_its_own(world):
    await world.alias("info@a.example")
    rules = [await world.add("info@a.example", "refuse", ("subject_contains", n), name=n) for n in "abcd"]

    gone = await rules_controller.delete_rules(
        world.database, [rules[1].id, rules[2].id], actor=world.actor, publish=world.changes.append
    )
    left = [rule.position for rule in (await world.of("info@a.example")).rules]
    await rules_controller.restore_rules(world.database, gone, actor=world.actor, publish=world.changes.append)

    assert left == [1, 2]
    assert [(rule.name, rule.position) for rule in (await world.of("info@a.example")).rules] == list(
        zip("abcd", [1, 2, 3, 4], strict=True)
    )


async def test_rules_go_with_their_domain(world):
    rule = await world.add("a.example", "refuse", ("sender_domain", "spam.example"))
    found = await domains_controller.find_domain(world.database, "a.example")

    await domains_controller.delete_domain(
        world.database, found.id, confirmed_name="a.example", actor=world.actor, publish=world.changes.append
    )

    with pytest.raises(NotFoundError):
        await rules_controller.get_rule(world.database, rule.id)


async def test_nobody_owns_rules_that_is_neither_alias_nor_domain(world):
    with pytest.raises(NotFoundError) as refused:
        await rules_controller.find_owner(world.database, "nobody@a.example")

    assert refused.value.code == "RULE_OWNER_NOT_FOUND"
