"""Turns the bytes of headers and parts into text to be shown: encoded words, charsets, all of it within limits."""

from __future__ import annotations

import binascii
import re
from encodings.aliases import aliases

_ENCODED_WORD = re.compile(r"=\?([A-Za-z0-9_.:+-]{1,40})(?:\*[A-Za-z0-9-]{1,40})?\?([bBqQ])\?([^?\s]{0,2000})\?=")
_MOST_WORDS = 200
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")

# Charsets alone, by a table of our own: other codecs decompress, are slow for long input or run code, and Python keeps
# every unknown name that it is asked for.
_REFUSED = frozenset(
    {
        *("base64_codec", "bz2_codec", "hex_codec", "quopri_codec", "rot_13", "uu_codec", "zlib_codec"),
        *("idna", "punycode", "raw_unicode_escape", "unicode_escape", "utf_7"),
        *("mbcs", "oem", "palmos", "undefined"),
    }
)
_CHARSETS = {name: codec for name, codec in aliases.items() if codec not in _REFUSED}
_CHARSETS |= {codec: codec for codec in aliases.values() if codec not in _REFUSED}
_CHARSETS |= {"ascii": "utf_8", "us_ascii": "utf_8", "utf8": "utf_8", "unknown_8bit": "utf_8", "iso_8859_1": "cp1252"}
_CHARSETS |= {"latin_1": "cp1252", "latin1": "cp1252", "iso_8859_8_i": "iso8859_8", "ks_c_5601_1987": "cp949"}
_CHARSETS |= {"gb2312": "gb18030", "x_sjis": "cp932", "x_gbk": "gbk", "windows_874": "cp874", "koi8_r": "koi8_r"}


def decode(content: bytes, charset: str = "utf-8") -> str:
    """Return bytes as text without NUL and half characters, in a charset that may be unknown or wrong."""
    codec = _CHARSETS.get(charset.strip().strip("\"'").lower().replace("-", "_").replace(".", "_"), "utf_8")
    try:
        text = content.decode(codec, "strict" if codec == "utf_8" else "replace")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    except (UnicodeError, LookupError, ValueError):
        text = content.decode("utf-8", "replace")
    return storable(text)


def storable(text: str) -> str:
    """Return text that PostgreSQL can hold: NUL and half characters (surrogates) become replacement characters."""
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode() if _has_surrogates(text) else text


def one_line(text: str, longest: int) -> str:
    """Return text as one line of at most so many characters, without controls and without repeated blanks."""
    flat = " ".join(text[: 4 * longest].split())
    if not flat.isprintable():
        flat = " ".join(_CONTROLS.sub(" ", flat).split())
    return flat if len(flat) <= longest else f"{flat[: longest - 1]}…"


def decode_words(value: bytes, longest: int) -> str:
    """Return an unstructured header value (RFC 2047) as one line of text; what cannot be decoded stays as it is."""
    written = decode(value[: 8 * longest])
    if "=?" not in written:
        return one_line(written, longest)
    parts: list[str] = []
    pending, charset, last = b"", "", 0
    for count, found in enumerate(_ENCODED_WORD.finditer(written)):
        if count >= _MOST_WORDS:
            break
        content = _word_content(found[2], found[3])
        between = written[last : found.start()]
        # Blanks between two words do not count; a character may be split between two words of the same charset.
        if between.strip() or last == 0 or charset.lower() != found[1].lower():
            parts.append(decode(pending, charset))
            pending = b""
        if between.strip() or last == 0:
            parts.append(between)
        pending, charset, last = pending + content, found[1], found.end()
    parts += [decode(pending, charset), written[last:]]
    return one_line("".join(parts), longest)


def decode_base64(content: bytes) -> bytes:
    """Return what base64 stands for, as far as it can be read."""
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", content)
    whole = letters if len(letters) % 4 != 1 else letters[:-1]
    try:
        return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))
    except binascii.Error:
        return b""


def _word_content(encoding: str, text: str) -> bytes:
    content = text.encode("ascii", "replace")
    return decode_base64(content) if encoding in "bB" else binascii.a2b_qp(content, header=True)


def _has_surrogates(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
