"""What the sandbox begins with: fictional businesses, their domains, and what is wrong with some of them."""

from __future__ import annotations

from dataclasses import dataclass

from smtpy_desktop.sandbox.dns_breaking import Breakage
from smtpy_desktop.sandbox.dns_zones import ZoneFault, Zones
from smtpy_desktop.schemas.dns import RecordKind

NORTHWIND = "Northwind Hosting"
HARBOUR = "Harbour & Sons"
LUMEN = "Lumen Studio"

ORGANIZATIONS = {
    NORTHWIND: "postmaster@northwind.example",
    HARBOUR: "office@harbour-books.example",
    LUMEN: "studio@studio-lumen.example",
}
"""Name and e-mail address of each sample organization."""

MAIL_IDENTITY = {
    "mail.mx": "10 mx1.northwind.example, 20 mx2.northwind.example",
    "mail.spf": "include:spf.northwind.example",
    "mail.sending_addresses": "192.0.2.25, 2001:db8::25",
    "mail.dmarc": "v=DMARC1; p=quarantine; rua=mailto:dmarc@northwind.example",
    "mail.hostname": "mx1.northwind.example",
}
"""The settings of the service that the samples belong to."""

OTHER_PROVIDER_SPF = "v=spf1 include:spf.officemail.example -all"
MOVING_DOMAIN = "meadowbank-choir.example"
"""A domain that exists in the DNS, still with another mail provider, and that nobody has added yet."""


@dataclass(frozen=True, slots=True)
class SampleDomain:
    """One domain: ``published`` tells whether it has a zone with the wanted records, spoilt by the rest.

    ``replaced``: records that stand there instead, by host and type (``@`` is the domain itself). ``broke``: it was
    verified before it was spoilt, so that the program tells that it broke.
    """

    name: str
    organization: str
    published: bool = True
    checked: bool = True
    is_active: bool = True
    broken: tuple[tuple[RecordKind, Breakage], ...] = ()
    replaced: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    fault: ZoneFault | None = None
    broke: bool = False


DOMAINS = (
    SampleDomain("alder-and-ash.example", NORTHWIND),
    SampleDomain("brightwater.example", NORTHWIND),
    SampleDomain("café-central.example", NORTHWIND),
    SampleDomain("delta-archive.example", LUMEN, broken=((RecordKind.DMARC, Breakage.DOUBLED_SUFFIX),)),
    SampleDomain("elmstreet.example", NORTHWIND),
    SampleDomain(
        "fjordline-tours.example",
        HARBOUR,
        replaced=(
            ("@", "MX", ("5 mail.officemail.example.", "10 mx1.northwind.example.", "20 mx2.northwind.example.")),
        ),
    ),
    SampleDomain("granary-mill.example", HARBOUR),
    SampleDomain("harbour-books.example", HARBOUR, replaced=(("@", "TXT", (OTHER_PROVIDER_SPF,)),)),
    SampleDomain("hollowoak.example", NORTHWIND),
    SampleDomain("ironbridge-legal.example", NORTHWIND),
    SampleDomain("kestrel-cycles.example", NORTHWIND, is_active=False),
    SampleDomain("lantern-bakery.example", NORTHWIND, fault=ZoneFault(rcode="SERVFAIL")),
    SampleDomain("meadowbank.example", LUMEN, published=False, checked=False),
    SampleDomain("studio-lumen.example", LUMEN, broken=((RecordKind.DKIM, Breakage.TYPO),), broke=True),
)

_SURROUNDINGS = {
    "northwind.example": (
        ("northwind.example", "MX", ("10 mx1.northwind.example.", "20 mx2.northwind.example.")),
        ("northwind.example", "TXT", ("v=spf1 include:spf.northwind.example -all",)),
        ("mx1.northwind.example", "A", ("192.0.2.25",)),
        ("mx1.northwind.example", "AAAA", ("2001:db8::25",)),
        ("mx2.northwind.example", "A", ("192.0.2.26",)),
        ("spf.northwind.example", "TXT", ("v=spf1 ip4:192.0.2.25 ip6:2001:db8::25 -all",)),
        # Reports about other domains may be sent here (RFC 9990 section 4).
        ("*._report._dmarc.northwind.example", "TXT", ("v=DMARC1",)),
    ),
    "officemail.example": (
        ("mail.officemail.example", "A", ("198.51.100.10",)),
        ("spf.officemail.example", "TXT", ("v=spf1 ip4:198.51.100.0/24 -all",)),
    ),
    MOVING_DOMAIN: (
        (MOVING_DOMAIN, "MX", ("10 mail.officemail.example.",)),
        (MOVING_DOMAIN, "TXT", (OTHER_PROVIDER_SPF,)),
        (f"_dmarc.{MOVING_DOMAIN}", "TXT", ("v=DMARC1; p=none",)),
    ),
}


def publish_surroundings(zones: Zones) -> None:
    """Make the zones that the samples refer to, where they are not there yet."""
    for apex, records in _SURROUNDINGS.items():
        if not any(zone.apex == apex for zone in zones):
            zones.add_zone(apex)
            for name, type_, values in records:
                zones.set_records(name, type_, values)
