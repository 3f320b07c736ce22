"""The sentences about SPF records that cannot be evaluated: what is wrong with which term, and what to do."""

from __future__ import annotations

from smtpy_desktop.core.spf_macros import SpfSyntaxError
from smtpy_desktop.schemas.text import Text, text


def malformed(domain: str, error: SpfSyntaxError) -> Text:
    """Say that the domain's own record breaks the grammar."""
    return text(
        "The SPF record of {domain} is malformed: {problem} Receivers then ignore all of it (permerror, RFC 7208"
        " section 4.6). Correct this term or take it out.",
        domain=domain,
        problem=error.problem,
    )


def malformed_elsewhere(domain: str, error: SpfSyntaxError) -> Text:
    """Say that a record which the domain's own one refers to breaks the grammar."""
    return text(
        "The SPF record of {domain} is malformed: {problem} Receivers then ignore every record that leads to it"
        " (permerror, RFC 7208 sections 4.6 and 5.2). Tell those who run {domain}, or take out what leads there.",
        domain=domain,
        problem=error.problem,
    )


def include_leads_nowhere(term: str, domain: str, problem: Text) -> Text:
    """Say that an include names a domain without an SPF record."""
    return text(
        "“{term}” in the record of {domain} leads nowhere: {problem} Receivers then ignore the whole record (permerror,"
        " RFC 7208 section 5.2). Correct the name in it, or take it out.",
        term=term,
        domain=domain,
        problem=problem,
    )


def redirect_leads_nowhere(term: str, domain: str, problem: Text) -> Text:
    """Say that a redirect names a domain without an SPF record."""
    return text(
        "“{term}” in the record of {domain} leads nowhere: {problem} Receivers then ignore the whole record (permerror,"
        " RFC 7208 section 6.1). Correct the name in it, or take it out.",
        term=term,
        domain=domain,
        problem=problem,
    )


def includes_itself(term: str, domain: str) -> Text:
    """Say that a record refers to itself."""
    return text(
        "The SPF record of {domain} includes itself by “{term}”, which never ends: receivers ignore the whole record"
        " (permerror, RFC 7208 sections 4.6.4 and 5.2). Take this term out.",
        term=term,
        domain=domain,
    )


def leads_back(term: str, domain: str, target: str) -> Text:
    """Say that a record refers to one that led to it."""
    return text(
        "“{term}” in the record of {domain} leads back to {target}, which never ends: receivers ignore the whole record"
        " (permerror, RFC 7208 sections 4.6.4 and 5.2). Take out what leads in this circle.",
        term=term,
        domain=domain,
        target=target,
    )
