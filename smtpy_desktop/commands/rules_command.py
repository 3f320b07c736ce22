"""``smtpy-desktop rules``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from smtpy_desktop.commands.counting import counted
from smtpy_desktop.commands.frame import Invocation, answer, pass_invocation, run
from smtpy_desktop.commands.lazy import lazy_module
from smtpy_desktop.commands.rule_shapes import (
    CONDITION_HELP,
    owner_lines,
    owner_shape,
    parse_typed_conditions,
    rule_shape,
)
from smtpy_desktop.core.rule_words import readable_value, rule_sentence
from smtpy_desktop.schemas.rules import OwnerRules, Rule, RuleAction, RuleDraft

if TYPE_CHECKING:
    from smtpy_desktop.controllers import rules_controller
    from smtpy_desktop.controllers.services import Services
else:
    rules_controller = lazy_module("smtpy_desktop.controllers.rules_controller")

_ACTIONS = click.Choice([action.value for action in RuleAction])
_SENDING = (RuleAction.FORWARD, RuleAction.REDIRECT)
_CONDITIONS = click.option("--if", "conditions", multiple=True, metavar="FIELD=VALUE", help=CONDITION_HELP)


@click.group()
def rules() -> None:
    """Say what is done with certain mail to an alias or a domain: the first rule that is met decides."""


@rules.command("list")
@click.argument("owner", metavar="ALIAS|DOMAIN")
@pass_invocation
def list_rules(invocation: Invocation, owner: str) -> None:
    """List the rules of an alias, with those of its domain that come after, or of a domain."""

    async def read(services: Services) -> OwnerRules:
        found = await rules_controller.find_owner(services.sessions, owner)
        return await rules_controller.owner_rules(services.sessions, found.domain_id, found.alias_id)

    found = run(invocation, read)
    answer(invocation, owner_shape(found), owner_lines(found))


@rules.command("add")
@click.argument("owner", metavar="ALIAS|DOMAIN")
@click.argument("action", type=_ACTIONS)
@click.argument("targets", nargs=-1, metavar="[TARGET…]")
@_CONDITIONS
@click.option("--name", default="", metavar="TEXT", help="What it is called.")
@click.option("--inactive", is_flag=True, help="Leave it switched off for now.")
@click.option("--at", "place", type=click.IntRange(1), metavar="PLACE", help="Its place among the others, from 1.")
@pass_invocation
def add_rule(
    invocation: Invocation,
    owner: str,
    action: str,
    targets: tuple[str, ...],
    conditions: tuple[str, ...],
    name: str,
    inactive: bool,
    place: int | None,
) -> None:
    """Add a rule: forward (also to TARGET…), redirect (to TARGET… instead), refuse, or discard."""
    draft = RuleDraft(parse_typed_conditions(conditions), RuleAction(action), targets, name, not inactive)

    async def add(services: Services) -> Rule:
        found = await rules_controller.find_owner(services.sessions, owner)
        return await rules_controller.add_rule(
            services.sessions,
            found,
            draft,
            actor=services.actor,
            publish=services.publish,
            place=None if place is None else place - 1,
        )

    rule = run(invocation, add)
    answer(invocation, rule_shape(rule), f"Added rule {rule.id}: {rule_sentence(rule)}")


@rules.command("update")
@click.argument("rule_id", type=int, metavar="ID")
@click.argument("targets", nargs=-1, metavar="[TARGET…]")
@click.option("--action", type=_ACTIONS, help="What is done.")
@_CONDITIONS
@click.option("--always", is_flag=True, help="Take all its conditions away.")
@click.option("--name", metavar="TEXT", help="What it is called; empty: nothing.")
@click.option("--active/--inactive", "is_active", default=None, help="Heed it, or leave it out.")
@pass_invocation
def update_rule(
    invocation: Invocation,
    rule_id: int,
    targets: tuple[str, ...],
    action: str | None,
    conditions: tuple[str, ...],
    always: bool,
    name: str | None,
    is_active: bool | None,
) -> None:
    """Change a rule; conditions and targets that are given take the place of all that it has."""
    if not (targets or action or conditions or always) and name is None and is_active is None:
        raise click.UsageError("Say what to change: targets, --action, --if, --always, --name, --active or --inactive.")
    if always and conditions:
        raise click.UsageError("--always takes all conditions away; it does not go with --if.")
    typed = parse_typed_conditions(conditions)

    async def update(services: Services) -> Rule:
        rule = await rules_controller.get_rule(services.sessions, rule_id)
        wanted = RuleAction(action) if action else rule.action
        kept = tuple(target.address for target in rule.targets) if wanted in _SENDING else ()
        draft = RuleDraft(
            typed if typed or always else tuple((one.field, readable_value(one)) for one in rule.conditions),
            wanted,
            targets or kept,
            rule.name if name is None else name,
            rule.is_active if is_active is None else is_active,
        )
        return await rules_controller.update_rule(
            services.sessions, rule_id, draft, actor=services.actor, publish=services.publish
        )

    rule = run(invocation, update)
    answer(invocation, rule_shape(rule), f"Rule {rule.id}: {rule_sentence(rule)}")


@rules.command("move")
@click.argument("rule_id", type=int, metavar="ID")
@click.argument("place", type=click.IntRange(1))
@pass_invocation
def move_rule(invocation: Invocation, rule_id: int, place: int) -> None:
    """Put a rule at PLACE among those of the same alias or domain, counted from 1; the first that is met decides."""

    async def move(services: Services) -> OwnerRules:
        sessions = services.sessions
        await rules_controller.move_rule(sessions, rule_id, place - 1, actor=services.actor, publish=services.publish)
        rule = await rules_controller.get_rule(sessions, rule_id)
        return await rules_controller.owner_rules(sessions, rule.domain_id, rule.alias_id)

    found = run(invocation, move)
    answer(invocation, owner_shape(found), owner_lines(found))


@rules.command("delete")
@click.argument("rule_ids", nargs=-1, required=True, type=int, metavar="ID…")
@click.option("--yes", is_flag=True, expose_value=False, help="Taken for the sake of scripts; nothing is asked.")
@pass_invocation
def delete_rules(invocation: Invocation, rule_ids: tuple[int, ...]) -> None:
    """Delete rules; what they did is printed."""

    async def delete(services: Services) -> tuple[Rule, ...]:
        for rule_id in rule_ids:
            await rules_controller.get_rule(services.sessions, rule_id)
        return await rules_controller.delete_rules(
            services.sessions, rule_ids, actor=services.actor, publish=services.publish
        )

    gone = run(invocation, delete)
    data = {"deleted": len(gone), "rules": [rule_shape(rule) for rule in gone]}
    lines = [f"Deleted rule {rule.id}: {rule_sentence(rule)}" for rule in gone]
    answer(invocation, data, "\n".join(lines or [f"Deleted {counted(0, 'rule')}."]))
