"""What mail to an address meets on its way, asked for step by step."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.alias_matching import find_destination
from smtpy_desktop.core.forwarding_walk import ForwardingAnswer, ForwardingQuestion, FoundForwarding, walk_forwarding
from smtpy_desktop.schemas.aliases import Forwarding, ServedAlias, ServedDomain, Target
from smtpy_desktop.schemas.rules import Rule, RuleAction

NAMES = ["a.example", "b.example"]
LOCAL = ["info", "info+x", "sales", "nobody"]
ADDRESSES = [f"{local}@{name}" for local in LOCAL for name in [*NAMES, "out.example"]]


def target(address: str) -> Target:
    return Target(address, address)


def walked(addresses: Iterable[Target], everything: Forwarding, rules=None) -> tuple[FoundForwarding, int]:
    """Answer what a walk asks from all there is; return what it found, and how many questions it took."""
    walk = walk_forwarding(addresses)
    question: ForwardingQuestion = next(walk)
    for asked in range(1, 100):
        answer = ForwardingAnswer(
            {name: everything.domains[name] for name in question.domains if name in everything.domains},
            {key: everything.aliases[key] for key in question.aliases if key in everything.aliases},
            {owner: (rules or {})[owner] for owner in question.owners if owner in (rules or {})},
        )
        try:
            question = walk.send(answer)
        except StopIteration as end:
            return end.value, asked
    raise AssertionError("it does not end")


FORWARDINGS = st.builds(
    lambda aliases, catch_alls: Forwarding(
        {
            name: ServedDomain(
                number,
                name,
                name,
                is_active=True,
                catch_all=target(catch_all) if catch_all else None,
                owner=target("admin@out.example"),
            )
            for number, (name, catch_all) in enumerate(zip(NAMES, catch_alls, strict=True))
        },
        {key: ServedAlias(key, key, tuple(map(target, targets))) for key, targets in aliases.items()},
    ),
    st.dictionaries(
        st.sampled_from([one for one in ADDRESSES if not one.endswith("out.example")]),
        st.lists(st.sampled_from(ADDRESSES), max_size=3, unique=True),
    ),
    st.tuples(*[st.none() | st.sampled_from(ADDRESSES)] * 2),
)


@given(FORWARDINGS, st.sampled_from(ADDRESSES))
def test_what_is_found_leads_mail_to_where_everything_would(everything: Forwarding, address: str) -> None:
    found, _ = walked([target(address)], everything)

    assert find_destination(found.forwarding, target(address)) == find_destination(everything, target(address))


def test_an_alias_that_leads_out_takes_two_questions_and_rules_are_followed_at_once() -> None:
    domain = ServedDomain(1, "a.example", "a.example", is_active=True, catch_all=None, owner=target("me@out.example"))
    aliases = {
        key: ServedAlias(key, key, (target("box@out.example"),)) for key in ("info@a.example", "sales@a.example")
    }
    rule = Rule(1, 1, None, 1, "", (), RuleAction.REDIRECT, (target("sales@a.example"),))

    plain, few = walked([target("info@a.example")], Forwarding({"a.example": domain}, aliases))
    ruled, _ = walked([target("info@a.example")], Forwarding({"a.example": domain}, aliases), {"@a.example": (rule,)})

    assert few == 2
    assert plain.rules_for("a.example", "info@a.example") == ()
    assert ruled.rules_for("a.example", "info@a.example") == (rule,)
    assert "sales@a.example" in ruled.forwarding.aliases
