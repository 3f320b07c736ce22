"""The client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677) as PostgreSQL speaks it, without channel binding."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import stringprep
import unicodedata
from dataclasses import dataclass

MECHANISM = "SCRAM-SHA-256"

_MOST_ITERATIONS = 1_000_000
"""A server that asks for more would keep this program calculating (PostgreSQL's default is 4,096)."""

_GS2_HEADER = "n,,"  # no channel binding
_SERVER_FIRST = re.compile(r"r=([!-+\--~]+),s=([A-Za-z0-9+/=]+),i=([1-9][0-9]{0,8})")


class ScramError(Exception):
    """The server's side of the exchange makes no sense."""


@dataclass(frozen=True, slots=True)
class ScramProof:
    """The client's answer, and the signature by which the server shows that it knows the password, too."""

    message: str
    server_signature: bytes


def client_first(nonce: str, user: str = "") -> str:
    """Return the first message. PostgreSQL takes the user's name from elsewhere, so that it may be empty."""
    return f"{_GS2_HEADER}n={_escaped(user)},r={nonce}"


def client_final(password: str, nonce: str, server_first: str, user: str = "") -> ScramProof:
    """Return the second message, given what the server answered to the first; raise ScramError."""
    match = _SERVER_FIRST.match(server_first)
    if match is None or not match[1].startswith(nonce) or int(match[3]) > _MOST_ITERATIONS:
        raise ScramError("the server's first message is malformed")
    try:
        salt = base64.b64decode(match[2], validate=True)
    except binascii.Error as error:
        raise ScramError("the server's salt is malformed") from error
    salted = hashlib.pbkdf2_hmac("sha256", prepare_password(password), salt, int(match[3]))
    without_proof = f"c={_base64(_GS2_HEADER.encode())},r={match[1]}"
    first_bare = client_first(nonce, user).removeprefix(_GS2_HEADER)
    signed = f"{first_bare},{server_first},{without_proof}".encode()
    client_key = _hmac(salted, b"Client Key")
    signature = _hmac(hashlib.sha256(client_key).digest(), signed)
    proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
    return ScramProof(f"{without_proof},p={_base64(proof)}", _hmac(_hmac(salted, b"Server Key"), signed))


def is_signed(server_final: str, proof: ScramProof) -> bool:
    """Tell whether the server's last message shows that it knows the password."""
    return hmac.compare_digest(server_final.encode(), f"v={_base64(proof.server_signature)}".encode())


def prepare_password(password: str) -> bytes:
    """Return the password as SASLprep (RFC 4013) writes it; as it is where that is not possible (as libpq does)."""
    if password.isascii():
        return password.encode()
    mapped = (" " if stringprep.in_table_c12(char) else char for char in password if not stringprep.in_table_b1(char))
    prepared = unicodedata.normalize("NFKC", "".join(mapped))
    if not prepared or any(map(_is_prohibited, prepared)) or _mixes_directions(prepared):
        return password.encode("utf-8", "surrogatepass")
    return prepared.encode("utf-8", "surrogatepass")


def _is_prohibited(char: str) -> bool:
    """RFC 4013 sections 2.3 and 2.5."""
    return (
        stringprep.in_table_a1(char)
        or stringprep.in_table_c12(char)
        or stringprep.in_table_c21_c22(char)
        or stringprep.in_table_c3(char)
        or stringprep.in_table_c4(char)
        or stringprep.in_table_c5(char)
        or stringprep.in_table_c6(char)
        or stringprep.in_table_c7(char)
        or stringprep.in_table_c8(char)
        or stringprep.in_table_c9(char)
    )


def _mixes_directions(prepared: str) -> bool:
    """RFC 3454 section 6."""
    if not any(map(stringprep.in_table_d1, prepared)):
        return False
    at_both_ends = stringprep.in_table_d1(prepared[0]) and stringprep.in_table_d1(prepared[-1])
    return any(map(stringprep.in_table_d2, prepared)) or not at_both_ends


def _escaped(name: str) -> str:
    return name.replace("=", "=3D").replace(",", "=2C")


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
