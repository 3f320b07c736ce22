"""What the commands of ``billing`` share: whose billing it is, and how the answer to a change looks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import click

from smtpy_desktop.commands.billing_shapes import lines_of, subscription_shape
from smtpy_desktop.commands.frame import Invocation, answer, run
from smtpy_desktop.commands.lazy import lazy_module
from smtpy_desktop.schemas.billing_account import BillingPicture
from smtpy_desktop.schemas.organizations import OrganizationRow

if TYPE_CHECKING:
    from smtpy_desktop.controllers import organizations_controller
    from smtpy_desktop.controllers.services import Services
else:
    organizations_controller = lazy_module("smtpy_desktop.controllers.organizations_controller")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class BillingInvocation:
    """One run of a command of ``billing``; ``organization`` is the name that was given, if any."""

    program: Invocation
    organization: str | None

    def run_for_one(self, work: Callable[[Services, OrganizationRow], Awaitable[T]]) -> T:
        """Open the installation and do something for the organization that is meant."""

        async def chosen(services: Services) -> T:
            row = await organizations_controller.only_organization(services.sessions, self.organization)
            return await work(services, row)

        return run(self.program, chosen)

    def answer_subscription(self, picture: BillingPicture) -> None:
        """Print the subscription that counts."""
        subscription = picture.account.subscription
        shape = subscription_shape(subscription, datetime.now(UTC))
        none = f"{picture.account.organization_name} has no subscription."
        answer(self.program, shape, none if subscription is None else lines_of(shape))


pass_billing = click.make_pass_decorator(BillingInvocation)
