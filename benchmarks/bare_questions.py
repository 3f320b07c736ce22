"""The reference of the verification: the same questions by bare dnspython, all gathered at once."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Sequence

import dns.asyncquery
import dns.flags
import dns.message
import dns.name
import dns.rdatatype

from benchmarks.dns_answers import LOOPBACK
from benchmarks.dns_responder import AskedQuestion

_PATIENCE_SECONDS = 60.0
_OTHER_FILES = 200


def sockets_at_once(wanted: int) -> int:
    """Raise the limit on open files as far as may be, and return how many sockets may be open at once."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + _OTHER_FILES
    for limits in ((needed, max(needed, hard)), (hard, hard)):
        if soft < needed:
            try:
                resource.setrlimit(resource.RLIMIT_NOFILE, limits)
            except (OSError, ValueError):
                continue
            break
    return min(wanted, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - _OTHER_FILES)


async def ask_all(questions: Sequence[AskedQuestion], at_once: int) -> None:
    """Ask every question, ``at_once`` of them side by side."""
    for start in range(0, len(questions), at_once):
        await asyncio.gather(*map(_ask, questions[start : start + at_once]))


async def _ask(question: AskedQuestion) -> dns.message.Message:
    name, end = dns.name.from_wire(question.wire, 0)
    type_ = int.from_bytes(question.wire[end : end + 2])
    query = dns.message.make_query(name, dns.rdatatype.RdataType.make(type_), use_edns=0, payload=1232)
    if not question.is_recursive:
        query.flags &= ~dns.flags.RD
    return await dns.asyncquery.udp(query, LOOPBACK, timeout=_PATIENCE_SECONDS, port=question.port)
