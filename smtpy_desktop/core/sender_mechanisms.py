"""Check the SPF mechanisms that every domain is asked to publish, and name what does not belong there."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from smtpy_desktop.core.dns_name import LONGEST_LABEL, NameFault, normalize_name, shown
from smtpy_desktop.core.spf_macros import SpfSyntaxError
from smtpy_desktop.core.spf_record import Mechanism, Modifier, Term, parse_term
from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.text import Text, text

FIELD = "mail.spf"

_LOOKUPS_LEFT = 9
"""Look-ups that our mechanisms may need themselves: RFC 7208 section 4.6.4 allows 10, and domains have their own."""

_SEPARATORS = re.compile(r"[\s,\"]+(?![^{]*\})")
"""Blanks, and the commas and quotation marks that people add; inside a macro a comma means something."""

_WITH_DOMAIN = ("include", "a", "mx", "exists")


def normal_mechanisms(raw: str) -> str:
    """Return the mechanisms in their plain form, one blank between them; raise FieldError for ``mail.spf``."""
    words = [word for word in _SEPARATORS.split(raw) if word]
    if words and words[0].lower().startswith("v=spf"):
        raise _whole_record(words)
    mechanisms = dict.fromkeys(_normal_mechanisms(words))
    lookups = sum(_parsed(mechanism).name in _WITH_DOMAIN for mechanism in mechanisms)
    if lookups > _LOOKUPS_LEFT:
        raise _error(
            "TOO_MANY",
            text("These mechanisms need {count} DNS look-ups.", count=lookups),
            text("A whole record may need 10 (RFC 7208 section 4.6.4): write addresses as ip4: and ip6: instead."),
        )
    return " ".join(mechanisms)


def _normal_mechanisms(words: list[str]) -> Iterator[str]:
    for position, word in enumerate(words):
        try:
            yield _normal_mechanism(word)
        except FieldError as error:
            if error.suggestion is not None and not _is_mechanism(error.suggestion):
                error.suggestion = None
            if error.suggestion is not None:  # for one word: the others stay as they are
                error.suggestion = " ".join((*words[:position], error.suggestion, *words[position + 1 :]))
            raise


def _is_mechanism(word: str) -> bool:
    try:
        _normal_mechanism(word)
    except FieldError:
        return False
    return True


def _normal_mechanism(word: str) -> str:
    _refuse_all(word)
    _refuse_bare_value(word)
    term = _parsed(_with_ascii_name(word))
    if isinstance(term, Modifier):
        raise _error(
            "MODIFIER",
            text("“{term}” is a modifier, not a mechanism.", term=shown(word)),
            text("A domain's own record decides about redirect= and exp=; give include:, ip4: or ip6: here."),
        )
    if term.qualifier != "+":
        raise _error(
            "QUALIFIER",
            text("“{term}” would not let our mail pass.", term=shown(word)),
            text("Write the mechanism without “-”, “~” or “?” before it."),
            word[1:],
        )
    _refuse_unfit(word, term)
    return _written(term)


def _refuse_all(word: str) -> None:
    if word.lower().lstrip("+-~?") == "all":
        raise _error(
            "ALL",
            text("“{term}” does not name our servers: it decides about everybody else.", term=shown(word)),
            text("Leave it out. Each domain's own record ends with it; “+all” would let anybody send."),
        )


def _refuse_bare_value(word: str) -> None:
    """Offer the mechanism for an address or a name that stands alone."""
    if "=" in word or word.lower() in ("a", "mx", "ptr"):
        return
    kind = _address_kind(word)
    if kind is None and (":" in word or "." not in word or "/" in word):
        return
    mechanism = f"{kind or 'include'}:{word}"
    raise _error(
        "NO_MECHANISM",
        text("“{value}” is no SPF mechanism yet.", value=shown(word)),
        text("Did you mean “{mechanism}”?", mechanism=shown(mechanism)),
        mechanism,
    )


def _address_kind(word: str) -> str | None:
    try:
        version = ipaddress.ip_interface(word).version
    except ValueError:
        return None
    return f"ip{version}"


def _with_ascii_name(word: str) -> str:
    """Encode an internationalised name after the colon; anything else is left to the grammar."""
    mechanism, colon, value = word.partition(":")
    if word.isascii() or not colon:
        return word
    try:
        return f"{mechanism}:{normalize_name(value).name}"
    except NameFault:
        return word


def _parsed(word: str) -> Term:
    try:
        return parse_term(word)
    except SpfSyntaxError as error:
        raise _error("SYNTAX", error.problem, _HINT, _repaired(word)) from None


_HINT = text("Examples: include:spf.example.net, ip4:192.0.2.1, ip4:192.0.2.0/24, ip6:2001:db8::1.")


def _repaired(word: str) -> str | None:
    """Offer the address mechanism that fits where another one (``ip:``, ``include:``) has an address."""
    value = word.partition(":")[2]
    kind = _address_kind(value)
    return None if kind is None else f"{kind}:{value}"


def _refuse_unfit(word: str, term: Mechanism) -> None:
    if term.matches_everything:
        raise _error(
            "TOO_WIDE",
            text("“{term}” covers the whole Internet: anybody could send in the domains' names.", term=shown(word)),
            text("Name the addresses that your mail leaves from."),
        )
    if term.name == "ptr":
        raise _error(
            "PTR",
            text("“ptr” must not be published any more (RFC 7208 section 5.5)."),
            text("Name your servers by ip4:, ip6: or include:."),
        )
    if not _can_exist(term.target_text.removesuffix(".")):
        raise _error(
            "NAME",
            text("“{term}” names a host that cannot exist.", term=shown(word)),
            text("Each part between the dots has 1 to 63 characters (RFC 1035 section 2.3.4)."),
        )
    if term.name == "a" and not term.target_text:
        raise _error(
            "NO_DOMAIN",
            text("“{term}” without a name means each domain's own web server.", term=shown(word)),
            text("Write the name of your mail server after it: a:mail.example.net."),
        )


def _can_exist(target: str) -> bool:
    """Whether a host name has no empty and no overlong part; what a macro will give is not known here."""
    return not target or "%" in target or all(0 < len(label) <= LONGEST_LABEL for label in target.split("."))


def _written(term: Mechanism) -> str:
    """Write a mechanism plainly: lower case (macros excepted, whose case matters), no “+”, short addresses."""
    if term.version:
        network = ipaddress.IPv4Address(term.network) if term.version == 4 else ipaddress.IPv6Address(term.network)
        longest = network.max_prefixlen
        return f"{term.name}:{network}" + (f"/{term.prefix}" if term.prefix < longest else "")
    target = term.target_text if "%" in term.target_text else term.target_text.lower().removesuffix(".")
    lengths = (f"/{term.prefix4}" if term.prefix4 < 32 else "") + (f"//{term.prefix6}" if term.prefix6 < 128 else "")
    return term.name + (f":{target}" if target else "") + lengths


def _whole_record(words: list[str]) -> FieldError:
    kept = [word for word in words[1:] if word.lower().lstrip("+-~?") != "all" and "=" not in word]
    try:
        suggestion = normal_mechanisms(" ".join(kept)) or None
    except FieldError:
        suggestion = None
    return _error(
        "WHOLE_RECORD",
        text("This is a whole SPF record."),
        text("Give only the mechanisms for our servers: “v=spf1” and “all” are added for each domain."),
        suggestion,
    )


def _error(kind: str, message: Text, hint: Text, suggestion: str | None = None) -> FieldError:
    return FieldError(FIELD, f"MAIL_SPF_{kind}", message, hint=hint, suggestion=suggestion)
