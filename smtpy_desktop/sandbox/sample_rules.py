"""The sandbox's rules: what can be done with certain mail, on the domain that the tour shows."""

from __future__ import annotations

from smtpy_desktop.controllers import rules_controller
from smtpy_desktop.controllers.services import Services
from smtpy_desktop.sandbox.sample_texts import TARGETS
from smtpy_desktop.schemas.rules import RuleAction, RuleDraft, RuleField

_DOMAIN = "brightwater.example"
_RULES = {
    f"invoices@{_DOMAIN}": (
        RuleDraft(
            ((RuleField.SENDER_DOMAIN, "cloudworks.example"), (RuleField.HAS_ATTACHMENT, "yes")),
            RuleAction.FORWARD,
            TARGETS[1],
            "Bills with their papers",
        ),
        RuleDraft(((RuleField.LARGER_THAN, "10M"),), RuleAction.REFUSE),
    ),
    f"hello@{_DOMAIN}": (
        RuleDraft(((RuleField.SENDER_EQUALS, "news@gardenletter.example"),), RuleAction.DISCARD, name="Old newsletter"),
        RuleDraft(
            ((RuleField.SUBJECT_CONTAINS, "application"),), RuleAction.REDIRECT, TARGETS[2], "Jobs", is_active=False
        ),
    ),
    _DOMAIN: (RuleDraft(((RuleField.SUBJECT_CONTAINS, "casino"),), RuleAction.REFUSE, name="No gambling"),),
}


async def add_rules(services: Services) -> None:
    """Add the sample rules; whoever has rules already keeps them as they are."""
    sessions = services.sessions
    for name, drafts in _RULES.items():
        owner = await rules_controller.find_owner(sessions, name)
        present = await rules_controller.owner_rules(sessions, owner.domain_id, owner.alias_id)
        for draft in drafts[len(present.rules) :]:
            await rules_controller.add_rule(sessions, owner, draft, actor=services.actor, publish=services.publish)
