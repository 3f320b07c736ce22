"""The sandbox's aliases: those that its messages came by, and a few that show what else an alias can be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from smtpy_desktop.controllers import alias_lists_controller, domains_controller
from smtpy_desktop.controllers.services import Services
from smtpy_desktop.sandbox.sample_texts import RECIPIENT_PARTS, SECOND_TARGET, TARGETS, usual_target
from smtpy_desktop.schemas.identifiers import DomainId

_CATCH_ALL = "brightwater.example"


async def add_aliases(services: Services, domains: Mapping[str, DomainId]) -> None:
    """Add the aliases of the sample domains and one catch-all; those that are there already stay as they are."""
    lines = [line for name, domain_id in domains.items() for line in _lines(name, domain_id)]
    await alias_lists_controller.import_aliases(
        services.sessions,
        "\n".join(["address,targets,active,note", *lines]),
        skips_refused=True,
        actor=services.actor,
        publish=services.publish,
    )
    await domains_controller.update_domain(
        services.sessions,
        domains[_CATCH_ALL],
        catch_all=f"info@{_CATCH_ALL}",
        actor=services.actor,
        publish=services.publish,
    )


def _lines(name: str, domain_id: DomainId) -> Iterator[str]:
    for part in RECIPIENT_PARTS:
        yield f"{part}@{name},{usual_target(domain_id, part)},yes,"
    if domain_id % 2:
        yield f'board@{name},"{TARGETS[0]}, {TARGETS[1]}, {SECOND_TARGET}",yes,Minutes and invitations'
    else:
        yield f"press@{name},office@{name},yes,Goes where the office's mail goes"
    if domain_id % 3 == 0:
        yield f"old-shop@{name},{SECOND_TARGET},no,Closed in spring"
