"""What may be typed where a domain name is asked for."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smtpy_desktop.core.domain_name import RECORD_ROOM, ParsedDomain, parse_domain_name, unicode_form
from smtpy_desktop.errors import FieldError

LABEL_63 = "a" * 63
NAME_PARTS = st.sampled_from(
    ["example", "test", "com", "co.uk", ".", "..", "。", "．", "xn--", "xn--bcher-kva", "ü", "Ü", "ß", "-", "_", "*",
     "@", "https://", "www.", "/", ":", "8080", " ", "\t", "\0", "\u200d", "\u200b", "ｅｘ", "א", "ا", "1", "\ud800"]
)  # fmt: skip


def refusal(raw: str) -> FieldError:
    with pytest.raises(FieldError) as caught:
        parse_domain_name(raw)
    return caught.value


@pytest.mark.parametrize("name", ["example.com", "a.example", "sub.domain.test", "xn--bcher-kva.example", "ab--cd.com"])
def test_a_plain_name_is_taken_as_it_is(name: str) -> None:
    parsed = parse_domain_name(name)

    assert parsed.name == name
    assert parsed.notices == ()


@pytest.mark.parametrize(
    ("raw", "name", "notice"),
    [
        ("example.com.", "example.com", "The dot at the end was removed."),
        ("example.com..", "example.com", "The dot at the end was removed."),
        ("EXAMPLE.Com", "example.com", "Upper case was turned into lower case."),
        ("  example.com\n", "example.com", "Blanks around the name were removed."),
        ("\u00a0example.com\u200b", "example.com", "Blanks around the name were removed."),
        ("example。com", "example.com", "Full-width dots were read as dots."),
        ("bücher.example", "xn--bcher-kva.example", "In the DNS the name is written xn--bcher-kva.example."),
        (
            "ｅｘａｍｐｌｅ.com",
            "example.com",
            "Characters with a plain equivalent were replaced and invisible ones removed.",
        ),
        (
            "exam\u00adple.com",
            "example.com",
            "Characters with a plain equivalent were replaced and invisible ones removed.",
        ),
    ],
)
def test_what_can_be_put_right_is_put_right_and_told(raw: str, name: str, notice: str) -> None:
    parsed = parse_domain_name(raw)

    assert parsed.name == name
    assert [str(told) for told in parsed.notices] == [notice]


def test_every_change_has_its_own_notice() -> None:
    parsed = parse_domain_name(" BÜCHER。example. ")

    assert parsed == ParsedDomain("xn--bcher-kva.example", "bücher.example", parsed.notices)
    assert len(parsed.notices) == 5


def test_sharp_s_is_kept_as_the_current_standard_wants() -> None:
    assert parse_domain_name("straße.example").name == "xn--strae-oqa.example"


@pytest.mark.parametrize(
    ("raw", "code", "suggestion"),
    [
        ("", "EMPTY", None),
        (" \t\n", "EMPTY", None),
        ("...", "EMPTY", None),
        ("https://www.example.com/path?x=1#y", "URL", "example.com"),
        ("https://www.shop.example.co.uk", "URL", "example.co.uk"),
        ("http://user:secret@shop.example.com:8080/", "URL", "shop.example.com"),
        ("HTTPS://EXAMPLE.COM", "URL", "example.com"),
        ("//example.com/", "URL", "example.com"),
        ("example.com/mail", "URL", "example.com"),
        ("example.com:25", "URL", "example.com"),
        ("https://192.0.2.1/", "URL", None),
        ("https://", "URL", None),
        ("info@example.com", "EMAIL", "example.com"),
        ("mailto:info@example.com?subject=x", "EMAIL", "example.com"),
        ("Office <info@example.com>", "EMAIL", "example.com"),
        ("@example.com", "EMAIL", "example.com"),
        ("info@", "EMAIL", None),
        ("info＠bücher.example", "EMAIL", "bücher.example"),
        ("*.example.com", "WILDCARD", "example.com"),
        ("*", "WILDCARD", None),
        ("192.0.2.1", "IP_ADDRESS", None),
        ("192.0.2.1:25", "IP_ADDRESS", None),
        ("192.0.2.0/24", "IP_ADDRESS", None),
        ("999.1.1.1", "IP_ADDRESS", None),
        ("[2001:db8::1]", "IP_ADDRESS", None),
        ("::1", "IP_ADDRESS", None),
        ("com", "SINGLE_LABEL", None),
        ("example", "SINGLE_LABEL", None),
        ("co.uk", "PUBLIC_SUFFIX", None),
        ("GitHub.io.", "PUBLIC_SUFFIX", None),
        ("公司.cn", "PUBLIC_SUFFIX", None),
        (f"{'a' * 64}.example", "LABEL_TOO_LONG", None),
        (f"{'ü' * 60}.example", "LABEL_TOO_LONG", None),
        (".".join([LABEL_63, LABEL_63, LABEL_63, "a" * 54, "example"]), "TOO_LONG", None),
        (".".join([LABEL_63, LABEL_63, LABEL_63, "a" * 20, "example"]), "NO_ROOM", None),
        ("example..com", "EMPTY_LABEL", "example.com"),
        (".example.com", "EMPTY_LABEL", "example.com"),
        ("_dmarc.example.com", "UNDERSCORE", "example.com"),
        ("my_shop.example.com", "UNDERSCORE", None),
        ("exam ple.com", "ILLEGAL_CHARACTER", "example.com"),
        ("example,com", "ILLEGAL_CHARACTER", "example.com"),
        ("“example.com”", "ILLEGAL_CHARACTER", "example.com"),
        ("<b>example.com</b>", "ILLEGAL_CHARACTER", None),
        ("example.com\0", "ILLEGAL_CHARACTER", None),
        ("exa%mple.com", "ILLEGAL_CHARACTER", None),
        ("☃.\ud800", "ILLEGAL_CHARACTER", None),
        ("-example.com", "HYPHEN", "example.com"),
        ("example-.com", "HYPHEN", "example.com"),
        ("xn--bcc.com", "INVALID_PUNYCODE", None),
        ("xn--.com", "INVALID_PUNYCODE", None),
        ("xn--abc-.com", "INVALID_PUNYCODE", None),
        ("localhost", "SPECIAL_USE", None),
        ("printer.local", "SPECIAL_USE", None),
        ("nothing.invalid", "SPECIAL_USE", None),
        ("2.0.192.in-addr.arpa", "SPECIAL_USE", None),
        ("example.123", "NUMERIC_END", None),
        ("a.com, b.com", "SEVERAL", "a.com"),
        ("a" * 10_000, "TOO_LONG", None),
        ("1" * 10_000, "TOO_LONG", None),
        ("אabc.example", "INVALID_IDN", None),
    ],
)
def test_each_mistake_has_its_own_answer(raw: str, code: str, suggestion: str | None) -> None:
    error = refusal(raw)

    assert (error.field, error.code, error.suggestion) == ("name", f"DOMAIN_NAME_{code}", suggestion)
    assert str(error.message)
    assert str(error.hint)


def test_the_character_that_is_wrong_is_named() -> None:
    assert str(refusal("exa!mple.com").message).startswith("“!” ")
    assert "U+0000" in str(refusal("example.com\0").message)
    assert "Zero width joiner" in str(refusal("a\u200db.com").message)


def test_a_message_quotes_only_so_much_of_a_long_input() -> None:
    assert len(str(refusal("a" * 100 + ".example"))) < 300


def test_there_is_room_for_the_records_beneath_every_name_accepted() -> None:
    longest = ".".join([LABEL_63, LABEL_63, LABEL_63, "a" * 16, "test"])

    assert len(longest) == 253 - RECORD_ROOM
    assert parse_domain_name(longest).name == longest
    assert refusal(longest.replace(".test", "a.test")).code == "DOMAIN_NAME_NO_ROOM"


def test_the_unicode_form_of_what_cannot_be_decoded_is_the_name_itself() -> None:
    assert unicode_form("xn--bcher-kva._x.xn--zz--.example") == "bücher._x.xn--zz--.example"


def outcome(raw: str) -> ParsedDomain | FieldError:
    try:
        return parse_domain_name(raw)
    except FieldError as error:
        return error


@given(st.one_of(st.text(), st.lists(NAME_PARTS).map("".join)))
@example("é℀.com")
@example("。")
@example("xn--" + "a" * 59 + ".com")
def test_any_text_is_either_parsed_or_refused_with_a_message(raw: str) -> None:
    result = outcome(raw)

    if isinstance(result, FieldError):
        assert result.field == "name"
        assert result.code.startswith("DOMAIN_NAME_")
        if result.suggestion is not None:
            assert isinstance(outcome(result.suggestion), ParsedDomain)
    else:
        assert result.name.isascii()
        assert result.name == result.name.lower()
        assert all(0 < len(label) <= 63 for label in result.name.split("."))


@given(st.lists(NAME_PARTS).map(lambda parts: "".join(parts) + ".example"))
def test_parsing_its_own_result_changes_nothing(raw: str) -> None:
    first = outcome(raw)

    if isinstance(first, ParsedDomain):
        assert outcome(first.name) == ParsedDomain(first.name, first.unicode_name)
        again = outcome(first.unicode_name)
        assert isinstance(again, ParsedDomain)
        assert again.name == first.name


@pytest.mark.timeout(10)
@pytest.mark.parametrize("piece", ["1.", "a.b,", "a@", "/", ":", "[", ".a", "ü", "-", "*", "\n", "xn--"])
def test_a_huge_paste_is_refused_at_once(piece: str) -> None:
    assert refusal(piece * 50_000).code.startswith("DOMAIN_NAME_")
