"""What SPF, DKIM, DMARC and ARC say about a received message."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DkimSignature:
    """One DKIM signature of a message and its verdict (RFC 8601 section 2.7.1); ``identity`` is its ``d=``."""

    domain: str
    selector: str
    result: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AuthenticationVerdict:
    """The results in the words of RFC 8601 (pass, fail, softfail, neutral, none, temperror, permerror).

    ``policy`` is the author's DMARC policy (none, quarantine, reject; empty: no record). ``dmarc_by``: spf, dkim or
    both, what aligned. ``arc`` is the state of the received chain (none, pass, fail).
    """

    spf: str = "none"
    spf_domain: str = ""
    dkim: tuple[DkimSignature, ...] = ()
    dmarc: str = "none"
    policy: str = ""
    from_domain: str = ""
    dmarc_by: str = ""
    arc: str = "none"
    arc_instances: int = 0

    @property
    def dkim_result(self) -> str:
        """The best of the signatures, in one word."""
        found = {signature.result for signature in self.dkim}
        order = ("pass", "temperror", "fail", "policy", "neutral", "permerror")
        return next((result for result in order if result in found), "none")

    @property
    def vouches(self) -> bool:
        """Whether a seal over these results (RFC 8617) would say anything in favour of the message, or ends a chain."""
        return "pass" in (self.spf, self.dkim_result, self.dmarc) or self.arc != "none"

    def as_mapping(self) -> dict[str, str]:
        """What is kept with the message."""
        return {"spf": self.spf, "dkim": self.dkim_result, "dmarc": self.dmarc, "arc": self.arc}
