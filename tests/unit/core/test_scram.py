"""Rules of SCRAM-SHA-256: the example of RFC 7677, the passwords of RFC 4013, and no trust in odd servers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.scram import ScramError, client_final, client_first, is_signed, prepare_password

NONCE = "rOprNGfwEbeRWgbNEkqO"
SERVER_FIRST = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"


def test_the_exchange_of_rfc_7677_section_3() -> None:
    proof = client_final("pencil", NONCE, SERVER_FIRST, "user")

    assert client_first(NONCE, "user") == "n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
    assert proof.message == (
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    )
    assert is_signed("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", proof)
    assert not is_signed("v=AAAA", proof)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "e=other-error",
        SERVER_FIRST[1:],
        SERVER_FIRST.replace("rOp", "xxx"),
        SERVER_FIRST.replace("4096", "999999999"),
    ],
)
def test_a_server_that_makes_no_sense_is_refused(answer: str) -> None:
    with pytest.raises(ScramError):
        client_final("pencil", NONCE, answer)


@pytest.mark.parametrize(
    ("password", "prepared"),
    [
        ("plain", "plain"),
        ("I\u00adX", "IX"),
        ("\u00aa", "a"),
        ("\u2168", "IX"),
        ("a\u00a0b", "a b"),
        ("\u0627\u0031", "\u0627\u0031"),  # prohibited by its directions: stays as it is
        ("\u00ad", "\u00ad"),
    ],
)
def test_passwords_are_prepared_as_rfc_4013_says(password: str, prepared: str) -> None:
    assert prepare_password(password) == prepared.encode()


@given(st.text())
def test_every_password_can_be_prepared(password: str) -> None:
    assert isinstance(prepare_password(password), bytes)


@given(st.text(st.characters(max_codepoint=255), max_size=80))
def test_no_answer_of_a_server_breaks_the_exchange(answer: str) -> None:
    with pytest.raises(ScramError):
        client_final("pencil", NONCE, answer)
