"""Says what is missing in the mail identity, wherever records cannot be asked of domains without it."""

from __future__ import annotations

from collections.abc import Sequence

from smtpy_desktop.core.mail_identity import DMARC_KEY, MX_KEY, SPF_KEY
from smtpy_desktop.views.widgets.texts import tr


def missing_parts(missing: Sequence[str]) -> str:
    """Return the names of settings that are not set, such as "mail servers, DMARC policy"."""
    names = {MX_KEY: tr("mail servers"), SPF_KEY: tr("SPF mechanism"), DMARC_KEY: tr("DMARC policy")}
    return ", ".join(names.get(key, key) for key in missing)


def is_begun(missing: Sequence[str]) -> bool:
    """Return whether some of the identity is set and only the rest is missing."""
    return 0 < len(missing) < len((MX_KEY, SPF_KEY, DMARC_KEY))


def missing_title(missing: Sequence[str]) -> str:
    """Return the heading where something is missing."""
    return tr("Your mail identity is not complete") if is_begun(missing) else tr("First say who you are in the DNS")


def why_not_verified(missing: Sequence[str]) -> str:
    """Return why nothing can be verified, for the tooltip of a button that is switched off."""
    return tr("Nothing can be verified yet. Not set under Settings: {parts}.", parts=missing_parts(missing))
