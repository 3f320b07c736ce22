"""Which rights a restricted key needs, and for each a question to Stripe that shows whether it is there.

Stripe refuses a call for want of a right (403) before it looks at what the call is about, so a question about an
object that cannot exist tells a missing right from a present one and changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from smtpy_desktop.core.stripe_errors import StripeKeyRefused
from smtpy_desktop.core.stripe_rights import NEEDED_RIGHTS

_NOBODY = "smtpy_question_about_rights"

_QUESTIONS: Mapping[str, Callable[[Any], Awaitable[object]]] = {
    "Customers": lambda v1: v1.customers.update_async(f"cus_{_NOBODY}", {}),
    "Subscriptions": lambda v1: v1.subscriptions.update_async(f"sub_{_NOBODY}", {}),
    "Checkout Sessions": lambda v1: v1.checkout.sessions.expire_async(f"cs_{_NOBODY}"),
    "Customer portal": lambda v1: v1.billing_portal.sessions.create_async({"customer": f"cus_{_NOBODY}"}),
    "Invoices": lambda v1: v1.invoices.retrieve_async(f"in_{_NOBODY}"),
    "Prices": lambda v1: v1.prices.retrieve_async(f"price_{_NOBODY}"),
    "Products": lambda v1: v1.products.retrieve_async(f"prod_{_NOBODY}"),
    "PaymentMethods": lambda v1: v1.payment_methods.retrieve_async(f"pm_{_NOBODY}"),
    "Events": lambda v1: v1.events.retrieve_async(f"evt_{_NOBODY}"),
}

RIGHT_QUESTIONS = tuple((right, _QUESTIONS[right.resource]) for right in NEEDED_RIGHTS)


def account_in_refusal(error: StripeKeyRefused) -> str | None:
    """Return the account that a refusal for want of a right names; None when it was no such refusal.

    No right that a restricted key can be given lets it read its own account, but the refusal tells the id. It is empty
    where Stripe does not name it.
    """
    if error.code != "STRIPE_KEY_NOT_ALLOWED":
        return None
    found = re.search(r"\bacct_[A-Za-z0-9]+", str(error.detail))
    return found[0] if found else ""
