"""The stable codes of DNS verdicts: what scripts, the history and the translations of reasons may rely on."""

from __future__ import annotations

import enum

from smtpy_desktop.schemas.dns import AnswerState


class DnsCode(enum.StrEnum):
    """Why a record got its verdict. A code is never renamed or given another meaning."""

    # Right
    OK = "DNS_OK"
    DMARC_INHERITED = "DMARC_INHERITED"  # right by the record of a parent domain (RFC 9989 section 4.10.1)

    # Could not be found out (changes no state)
    NO_AUTHORITATIVE = "DNS_NO_AUTHORITATIVE"  # no name server of the zone could be asked at all
    TIMEOUT = "DNS_TIMEOUT"
    SERVFAIL = "DNS_SERVFAIL"
    REFUSED = "DNS_REFUSED"
    UNREACHABLE = "DNS_UNREACHABLE"
    MALFORMED = "DNS_MALFORMED"
    LAME = "DNS_LAME"  # the zone's NS records name a server that does not serve it
    TRUNCATED = "DNS_TRUNCATED"
    SERVERS_DISAGREE = "DNS_SERVERS_DISAGREE"  # some name servers of the zone are right, others are not
    SPREADING = "DNS_SPREADING"  # published, but resolvers still answer with what they remember
    RESOLVERS_SILENT = "DNS_RESOLVERS_SILENT"  # published, but too few resolvers answered
    SPF_TEMPERROR = "SPF_TEMPERROR"  # an included record could not be asked for

    # Wrong: there is nothing to judge
    NO_NAME = "NO_NAME"  # NXDOMAIN
    NO_RECORD = "NO_RECORD"  # NODATA, or nothing of this kind among the records of the name

    # Wrong: what the record says
    MX_MISSING = "MX_MISSING"
    MX_NULL = "MX_NULL"
    SPF_TWO_RECORDS = "SPF_TWO_RECORDS"
    SPF_PERMERROR = "SPF_PERMERROR"
    SPF_NOT_COVERED = "SPF_NOT_COVERED"  # one of our sending addresses does not pass
    SPF_NOT_INCLUDED = "SPF_NOT_INCLUDED"  # our mechanism is not a term of the record (no addresses to evaluate)
    DKIM_SYNTAX = "DKIM_SYNTAX"
    DKIM_SEVERAL_KEYS = "DKIM_SEVERAL_KEYS"
    DKIM_REVOKED = "DKIM_REVOKED"
    DKIM_OTHER_KEY = "DKIM_OTHER_KEY"
    DKIM_SHORT_KEY = "DKIM_SHORT_KEY"
    DKIM_KEY_TYPE = "DKIM_KEY_TYPE"
    DKIM_HASH = "DKIM_HASH"
    DKIM_SERVICE = "DKIM_SERVICE"
    DMARC_SYNTAX = "DMARC_SYNTAX"
    DMARC_SEVERAL_RECORDS = "DMARC_SEVERAL_RECORDS"
    DMARC_WEAKER_POLICY = "DMARC_WEAKER_POLICY"
    OWNERSHIP_OTHER_TOKEN = "OWNERSHIP_OTHER_TOKEN"  # noqa: S105 - a code, no secret

    # Wrong: near misses
    NEAR_DOUBLED_SUFFIX = "NEAR_DOUBLED_SUFFIX"
    NEAR_WRONG_NAME = "NEAR_WRONG_NAME"
    NEAR_WRONG_TYPE = "NEAR_WRONG_TYPE"
    NEAR_WILDCARD = "NEAR_WILDCARD"
    NEAR_CNAME = "NEAR_CNAME"
    NEAR_TYPO = "NEAR_TYPO"
    NEAR_CASE = "NEAR_CASE"
    NEAR_QUOTES = "NEAR_QUOTES"
    NEAR_TYPOGRAPHY = "NEAR_TYPOGRAPHY"
    NEAR_ESCAPES = "NEAR_ESCAPES"
    NEAR_BLANKS = "NEAR_BLANKS"
    NEAR_TRUNCATED = "NEAR_TRUNCATED"
    NEAR_SPLIT_RECORDS = "NEAR_SPLIT_RECORDS"
    NEAR_ZONE_LINE = "NEAR_ZONE_LINE"
    NEAR_TRAILING_DOT = "NEAR_TRAILING_DOT"
    NEAR_QUALIFIER = "NEAR_QUALIFIER"  # our SPF mechanism, but with another result than pass
    NEAR_MX_ADDRESS = "NEAR_MX_ADDRESS"
    NEAR_MX_ALIAS = "NEAR_MX_ALIAS"
    NEAR_MX_PRIORITY = "NEAR_MX_PRIORITY"


STATE_CODES = {
    AnswerState.FOUND: DnsCode.OK,
    AnswerState.EMPTY: DnsCode.NO_RECORD,
    AnswerState.NO_NAME: DnsCode.NO_NAME,
    AnswerState.TIMEOUT: DnsCode.TIMEOUT,
    AnswerState.SERVFAIL: DnsCode.SERVFAIL,
    AnswerState.REFUSED: DnsCode.REFUSED,
    AnswerState.UNREACHABLE: DnsCode.UNREACHABLE,
    AnswerState.MALFORMED: DnsCode.MALFORMED,
    AnswerState.LAME: DnsCode.LAME,
    AnswerState.TRUNCATED: DnsCode.TRUNCATED,
}
"""The code that stands for each way a server can answer."""
