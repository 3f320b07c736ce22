"""Rules over a real database, written the short way."""

from __future__ import annotations

from dataclasses import dataclass, field

from smtpy_desktop.changes import Change
from smtpy_desktop.controllers import aliases_controller, rules_controller
from smtpy_desktop.database.engine import Database
from smtpy_desktop.schemas.aliases import AliasRow
from smtpy_desktop.schemas.audit import Actor
from smtpy_desktop.schemas.identifiers import OrganizationId
from smtpy_desktop.schemas.rules import OwnerRules, Rule, RuleAction, RuleDraft, RuleField
from tests.helpers.stored_domains import insert_domains


def draft(
    action: str, *conditions: tuple[str, str], targets: str = "", name: str = "", active: bool = True
) -> RuleDraft:
    """Return a rule as it is typed."""
    typed = tuple((RuleField(kind), value) for kind, value in conditions)
    return RuleDraft(typed, RuleAction(action), targets, name, active)


@dataclass
class RulesWorld:
    """A database with the domains a.example and b.example."""

    database: Database
    actor: Actor
    changes: list[Change] = field(default_factory=list)

    async def begin(self, organization_id: OrganizationId) -> RulesWorld:
        await insert_domains(self.database, organization_id, ["a.example", "b.example"])
        return self

    async def alias(self, address: str, *targets: str) -> AliasRow:
        return await aliases_controller.create_alias(
            self.database, address, targets or ["box@out.example"], actor=self.actor, publish=self.changes.append
        )

    async def add(
        self,
        owner: str,
        action: str,
        *conditions: tuple[str, str],
        targets: str = "",
        name: str = "",
        active: bool = True,
        place: int | None = None,
    ) -> Rule:
        found = await rules_controller.find_owner(self.database, owner)
        typed = draft(action, *conditions, targets=targets, name=name, active=active)
        return await rules_controller.add_rule(
            self.database, found, typed, actor=self.actor, publish=self.changes.append, place=place
        )

    async def update(self, rule: Rule, typed: RuleDraft) -> Rule:
        return await rules_controller.update_rule(
            self.database, rule.id, typed, actor=self.actor, publish=self.changes.append
        )

    async def of(self, owner: str) -> OwnerRules:
        found = await rules_controller.find_owner(self.database, owner)
        return await rules_controller.owner_rules(self.database, found.domain_id, found.alias_id)

    async def names(self, owner: str) -> list[str]:
        return [rule.name for rule in (await self.of(owner)).rules]
