"""Published DKIM keys against the wanted one (RFC 6376 section 3.6.1)."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.dkim_record import compare_dkim, decode_key
from smtpy_desktop.core.dns_codes import DnsCode
from smtpy_desktop.core.rsa_key_size import rsa_key_bits
from smtpy_desktop.schemas.dns import Verdict
from tests.helpers.dns_evidence import DKIM, KEY, rsa_key_text

HOST = "s1._domainkey.example.com"
FOLDED = KEY[:100] + " " + KEY[100:200] + "\r\n\t" + KEY[200:]


@pytest.mark.parametrize(
    "value",
    [
        DKIM,
        f"p={KEY}",
        f"v=DKIM1;p={KEY}",
        f"v=DKIM1; p={KEY}; k=rsa",
        f"k=rsa; p={KEY};",
        f"v = DKIM1 ; k = rsa ; p = {KEY} ; ",
        f"v=DKIM1; k=rsa; p={FOLDED}",
        f"v=DKIM1; n=made in November; x-unknown=1; p={KEY}",
        f"v=DKIM1; h=sha1:sha256; s=*; p={KEY}",
        f"v=DKIM1; h=sha256; s=email; g=*; p={KEY}",
        f"v=DKIM1; k=rsa; t=; p={KEY.rstrip('=')}",
    ],
)
def test_the_same_key_is_right_however_the_record_is_written(value: str) -> None:
    finding = compare_dkim(HOST, DKIM, (value,))

    assert finding.verdict is Verdict.OK, str(finding.reason)
    assert finding.warnings == ()


@pytest.mark.parametrize(
    ("value", "code", "said"),
    [
        ("v=DKIM1; k=rsa; p=", DnsCode.DKIM_REVOKED, "revoked"),
        ("v=DKIM1; p= ;", DnsCode.DKIM_REVOKED, "revoked"),
        (f"v=DKIM1; k=rsa; p={rsa_key_text(2048, 2)}", DnsCode.DKIM_OTHER_KEY, "Another key (2048 bits)"),
        (f"v=DKIM1; k=rsa; p={rsa_key_text(512)}", DnsCode.DKIM_SHORT_KEY, "only 512 bits"),
        (f"v=DKIM1; k=ed25519; p={KEY}", DnsCode.DKIM_KEY_TYPE, "k=ed25519"),
        (f"v=DKIM1; k=RSA; p={KEY}", DnsCode.DKIM_KEY_TYPE, "upper and lower case matter"),
        (f"v=DKIM1; h=sha1; p={KEY}", DnsCode.DKIM_HASH, "h=sha1"),
        (f"v=DKIM1; s=tlsrpt; p={KEY}", DnsCode.DKIM_SERVICE, "s=tlsrpt"),
        (f"v=DKIM2; p={KEY}", DnsCode.DKIM_SYNTAX, "v=DKIM2"),
        (f"p={KEY}; v=DKIM1", DnsCode.DKIM_SYNTAX, "first tag"),
        (f"v=DKIM1; k=rsa; k=rsa; p={KEY}", DnsCode.DKIM_SYNTAX, "k= stands twice"),
        (f"v=DKIM1; rsa; p={KEY}", DnsCode.DKIM_SYNTAX, "rsa"),
        ("v=DKIM1; k=rsa", DnsCode.DKIM_SYNTAX, "no p= tag"),
        (f"v=DKIM1; p={KEY[:50]}*{KEY[50:]}", DnsCode.DKIM_SYNTAX, "“*”"),
        ("v=DKIM1; p=ab=cd", DnsCode.DKIM_SYNTAX, "base64"),
        ("google-site-verification=abc", DnsCode.NO_RECORD, "no DKIM key"),
    ],
)
def test_a_key_that_does_not_serve_us_is_wrong_for_its_own_reason(value: str, code: DnsCode, said: str) -> None:
    finding = compare_dkim(HOST, DKIM, (value,))

    assert (finding.verdict, finding.code) == (Verdict.WRONG, code)
    assert said in str(finding.reason)
    assert "RFC " in str(finding.reason)


def test_two_keys_at_one_name_are_wrong_even_if_one_of_them_is_ours() -> None:
    finding = compare_dkim(HOST, DKIM, (DKIM, f"v=DKIM1; p={rsa_key_text(2048, 2)}"))

    assert finding.code is DnsCode.DKIM_SEVERAL_KEYS
    assert "3.6.2.2" in str(finding.reason)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ((f"v=DKIM1; t=y; p={KEY}",), "t=y"),
        ((f"v=DKIM1; t=y:s; p={KEY}",), "t=s"),
        ((f"v=DKIM1; t=s; p={KEY}",), "subdomains"),
        ((DKIM, "v=spf1 -all"), "another TXT record"),
    ],
)
def test_what_only_weakens_the_key_is_a_warning(values: tuple[str, ...], said: str) -> None:
    finding = compare_dkim(HOST, DKIM, values)

    assert finding.verdict is Verdict.OK
    assert said in "\n".join(map(str, finding.warnings))


@pytest.mark.parametrize("bits", [1024, 2048, 3072])
def test_the_size_of_a_real_key_is_read_from_its_bytes(bits: int) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits).public_key()
    forms = [serialization.PublicFormat.SubjectPublicKeyInfo, serialization.PublicFormat.PKCS1]

    sizes = [rsa_key_bits(key.public_bytes(serialization.Encoding.DER, form)) for form in forms]

    assert sizes == [bits, bits]


@given(st.binary(max_size=60))
def test_any_bytes_have_a_size_or_none(data: bytes) -> None:
    bits = rsa_key_bits(data)

    assert bits is None or bits >= 0


@given(st.text(alphabet="ABCabc019+/= \t\u00a0é", max_size=40))
def test_any_text_decodes_or_does_not(content: str) -> None:
    key = decode_key(content)

    assert key is None or isinstance(key, bytes)
