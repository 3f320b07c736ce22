"""Says in words for people what SPF, DKIM, DMARC and ARC found out about a message."""

from __future__ import annotations

from collections.abc import Mapping

from smtpy_desktop.schemas.mail_authentication import AuthenticationVerdict, DkimSignature
from smtpy_desktop.schemas.text import Text, text


def spf_words(verdict: AuthenticationVerdict) -> Text:
    """Return what SPF says about the client and the sender's domain."""
    domain = verdict.spf_domain or "?"
    known: Mapping[str, Text] = {
        "pass": text("{domain} allows this client to send for it.", domain=domain),
        "fail": text("{domain} forbids this client to send for it.", domain=domain),
        "softfail": text("{domain} does not expect this client, but does not insist.", domain=domain),
        "neutral": text("{domain} says nothing about this client.", domain=domain),
        "none": text("{domain} has no SPF record, or nothing is known about the client.", domain=domain),
        "temperror": text("The DNS did not answer in time."),
        "permerror": text("The SPF record of {domain} cannot be understood.", domain=domain),
    }
    return known.get(verdict.spf, text("{result}", result=verdict.spf))


def dkim_words(signature: DkimSignature) -> Text:
    """Return what is known of one signature."""
    domain, reason = signature.domain or "?", signature.reason or signature.result
    if signature.result == "pass":
        return text("The signature of {domain} holds: nothing that it covers was changed.", domain=domain)
    if signature.result == "temperror":
        return text("The key of {domain} could not be had: {reason}", domain=domain, reason=reason)
    if signature.result == "fail":
        return text("The signature of {domain} does not hold: {reason}", domain=domain, reason=reason)
    return text("The signature of {domain} cannot be used: {reason}", domain=domain, reason=reason)


def unsigned_words() -> Text:
    """Return what is said of a message without any signature."""
    return text("The message has no DKIM signature.")


def dmarc_words(verdict: AuthenticationVerdict) -> Text:
    """Return what the policy of the author's domain says."""
    domain, policy = verdict.from_domain or "?", verdict.policy
    if verdict.dmarc == "pass":
        ways = {"spf": text("by SPF"), "dkim": text("by DKIM"), "both": text("by SPF and DKIM")}
        way = ways.get(verdict.dmarc_by, text("by SPF or DKIM"))
        return text("It really comes from {domain}, {way}.", domain=domain, way=way)
    if verdict.dmarc == "fail":
        wishes = {
            "reject": text("and {domain} asks to reject such mail.", domain=domain),
            "quarantine": text("and {domain} asks to treat such mail as spam.", domain=domain),
        }
        wish = wishes.get(policy, text("but {domain} asks for nothing in that case.", domain=domain))
        return text("Nothing proves that it comes from {domain}, {wish}", domain=domain, wish=wish)
    if verdict.dmarc == "temperror":
        return text("The DNS did not answer in time.")
    return text("{domain} has no DMARC policy.", domain=domain)


def arc_words(verdict: AuthenticationVerdict) -> Text:
    """Return what the forwarders before us sealed."""
    if verdict.arc == "pass":
        if verdict.arc_instances == 1:
            return text("The seal of the forwarder before us holds.")
        return text("The seals of {count} forwarders before us hold.", count=verdict.arc_instances)
    if verdict.arc == "fail":
        return text("The seals of the forwarders before us do not hold.")
    if verdict.arc == "temperror":
        return text("The DNS did not answer in time.")
    return text("No forwarder before us has sealed it.")


def signatures_behind_words(before: AuthenticationVerdict, after: tuple[DkimSignature, ...]) -> Text:
    """Return whether the author's signatures still hold behind our header lines."""
    held = {(one.domain, one.selector) for one in before.dkim if one.result == "pass"}
    still = {(one.domain, one.selector) for one in after if one.result == "pass"}
    if not before.dkim:
        return text("There is no signature that our header lines could break.")
    if not held:
        return text("No signature held before; our header lines change nothing about that.")
    if held <= still:
        return text("The author's signature still holds behind our header lines.")
    return text("Our header lines would break a signature that holds now.")
