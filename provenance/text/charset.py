"""Bytes to text: the charset a page is in, which is often not the one it declares.

The order of trust, each step justified by pages that lie about it:

1. a byte order mark;
2. NUL bytes in every other place: UTF-16 that nobody declared;
3. bytes that are valid UTF-8 and not plain ASCII: no other charset looks like that by chance,
   so they overrule a header or a meta element that disagrees;
4. the HTTP header, unless it says what servers say by default (ISO-8859-1) and the page disagrees;
5. the page's own meta element or XML declaration;
6. statistical detection (uchardet);
7. windows-1252, where few bytes are beyond ASCII.

A charset counts only if it decodes every byte. Only when none does are bytes replaced by U+FFFD,
and only up to a stated share. Labels are read as the WHATWG Encoding Standard reads them:
ISO-8859-1 means windows-1252, GB2312 means gb18030.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5

#: Replaced characters over all characters, above which a text counts as undecodable.
MAX_REPLACED_SHARE: Final = 0.02
#: Above this share of non-ASCII bytes, windows-1252 as the last resort would be a guess.
MAX_FALLBACK_SHARE: Final = 0.3
#: With fewer non-ASCII bytes, uchardet's choice between single-byte charsets is chance: of the
#: English windows-1252 pages of the simulated crawl it calls a third windows-1250.
MIN_DETECTION_BYTES: Final = 16

_HEAD_BYTES: Final = 4096
_SAMPLE_BYTES: Final = 2048
_MAX_NUL_SHARE: Final = 0.01
_MAX_CONTROL_SHARE: Final = 0.05

_UTF8_BOM: Final = b"\xef\xbb\xbf"
#: Formats whose first bytes may pass for text. The others give themselves away by control bytes.
_BINARY_MAGIC: Final = (b"%PDF-", b"PK\x03\x04", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff")
_CONTROLS: Final = bytes(c for c in range(32) if c not in b"\t\n\f\r\x1b") + b"\x7f"
_ASCII: Final = bytes(range(128))

_HEADER_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:+-]+)", re.IGNORECASE | re.ASCII)
_META_CHARSET: Final = re.compile(
    rb"<meta\b[^<>]*?charset\s*=\s*[\"']?\s*([\w.:+-]+)"
    rb"|<\?xml\b[^<>]*?encoding\s*=\s*[\"']?\s*([\w.:+-]+)",
    re.IGNORECASE,
)
_ISO_2022_JP_ESCAPE: Final = re.compile(rb"\x1b(?:\$[@B]|\([JI])")

#: resiliparse's name -> (Python codec, WHATWG name), where they differ. The codecs are the
#: supersets that the standard prescribes.
_CODECS: Final = {
    "cp1252": ("cp1252", "windows-1252"),
    "gbk": ("gb18030", "gb18030"),
    "gb18030": ("gb18030", "gb18030"),
    "shift_jis": ("cp932", "shift_jis"),
    "euc_kr": ("cp949", "euc-kr"),
    "cp949": ("cp949", "euc-kr"),
    "euc_jp": ("euc_jp", "euc-jp"),
    "iso2022_jp": ("iso2022_jp", "iso-2022-jp"),
    "big5": ("big5hkscs", "big5"),
    "utf-16-le": ("utf-16-le", "utf-16le"),
    "utf-16-be": ("utf-16-be", "utf-16be"),
    "mac-roman": ("mac-roman", "macintosh"),
    "cp866": ("cp866", "ibm866"),
    "iso8859-11": ("cp874", "windows-874"),
}
_MULTIBYTE: Final = {"gb18030", "shift_jis", "euc-kr", "euc-jp", "iso-2022-jp", "big5"}


@dataclass(frozen=True, slots=True)
class Decoded:
    """What became of some bytes.

    text: without a byte order mark; None comes with a `reason` of reasons.NO_TEXT.
    charset: WHATWG name, lower case. replaced: bytes that became U+FFFD.
    """

    text: str | None
    charset: str | None
    replaced: int = 0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Charset:
    """A charset under its WHATWG name, with the Python codec that decodes it."""

    name: str
    codec: str


UTF8: Final = Charset("utf-8", "utf-8")
WINDOWS_1252: Final = Charset("windows-1252", "cp1252")
UTF16LE: Final = Charset("utf-16le", "utf-16-le")
UTF16BE: Final = Charset("utf-16be", "utf-16-be")
_UTF16_BOMS: Final = {b"\xff\xfe": UTF16LE, b"\xfe\xff": UTF16BE}
ISO_2022_JP: Final = Charset("iso-2022-jp", "iso2022_jp")


def lookup(label: str) -> Charset | None:
    """The charset that the web means by `label`, or None for a label of no web charset."""
    known = map_encoding_to_html5(label.strip(" \t\r\n\"'"), fallback_utf8=False)
    if known is None and label in _CODECS:  # detected, and unknown to that table: cp949
        known = label
    if known is None:
        return None
    codec, name = _CODECS.get(known, (known, _whatwg_name(known)))
    return Charset(name, codec)


def decode(raw: bytes, *, content_type: str | None) -> Decoded:
    """`raw` as text, in the charset it is really in. Never raises.

    content_type: the HTTP header's value, or None.
    """
    raw = raw.removeprefix(_UTF8_BOM)  # a template may carry one before text in another charset
    wide = _utf16(raw)
    if wide is not None:
        return wide
    if _is_binary(raw):
        return Decoded(None, None, reason="binary_content")
    return _utf8(raw) or _legacy(raw, content_type=content_type)


def _utf16(raw: bytes) -> Decoded | None:
    """What its byte order mark, or the places of NUL bytes, show to be UTF-16."""
    for mark, charset in _UTF16_BOMS.items():
        if raw.startswith(mark):
            return _strict(raw[2:], charset) or _lenient(raw[2:], charset)
    if b"\0" not in raw:
        return None
    sample = raw[:_SAMPLE_BYTES]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if max(even, odd) < max(2, len(sample) // 20) or min(even, odd) * 4 > max(even, odd):
        return None
    decoded = _strict(raw, UTF16LE if odd > even else UTF16BE)
    return decoded if decoded and decoded.text and "\0" not in decoded.text else None


def _utf8(raw: bytes) -> Decoded | None:
    """`raw` as UTF-8, or as the one charset that hides in ASCII; None when it is neither."""
    decoded = _strict(raw, UTF8)
    if decoded is None or decoded.text is None:
        return None
    if decoded.text.isascii() and b"\x1b" in raw and _ISO_2022_JP_ESCAPE.search(raw):
        return _strict(raw, ISO_2022_JP) or decoded
    return decoded


def _whatwg_name(codec: str) -> str:
    """cp1251 -> windows-1251, iso8859-2 -> iso-8859-2, koi8_r -> koi8-r."""
    if codec.startswith("cp125"):
        return f"windows-{codec[2:]}"
    return codec.replace("_", "-").replace("iso8859", "iso-8859")


def _is_binary(raw: bytes) -> bool:
    """Whether these bytes are no text in any charset but UTF-16."""
    if raw.startswith(_BINARY_MAGIC):
        return True
    sample = raw[:_SAMPLE_BYTES]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    if controls > _MAX_CONTROL_SHARE * len(sample):
        return True
    return b"\0" in raw and raw.count(0) > _MAX_NUL_SHARE * len(raw)


def _legacy(raw: bytes, *, content_type: str | None) -> Decoded:
    """Bytes that are not valid UTF-8: damaged UTF-8, or an older charset."""
    damaged = _damaged(raw, UTF8, held_per_replaced=2)
    if damaged is not None:
        return damaged
    tried = []
    for charset in _candidates(raw, content_type):
        decoded = _strict(raw, charset)
        if decoded is None and charset.name in _MULTIBYTE:
            decoded = _damaged(raw, charset, held_per_replaced=20)
        if decoded is not None:
            return decoded
        tried.append(charset)
    attempts = [_lenient(raw, charset) for charset in tried]
    usable = [attempt for attempt in attempts if attempt.reason is None]
    return min(usable, key=lambda a: a.replaced, default=Decoded(None, None, 0, "undecodable_text"))


def _damaged(raw: bytes, charset: Charset, *, held_per_replaced: int) -> Decoded | None:
    """`raw` in a multi-byte `charset` but for a few bytes: many more characters hold than break.

    UTF-8 is hard to hit by chance; in the others an accented letter and the one after it often
    pass for a character.
    """
    decoded = _lenient(raw, charset)
    if decoded.text is None:
        return None
    beyond_ascii = len(decoded.text) - len(decoded.text.encode("ascii", "ignore"))
    held = beyond_ascii - decoded.replaced
    return decoded if held >= held_per_replaced * decoded.replaced else None


def _candidates(raw: bytes, content_type: str | None) -> Iterator[Charset]:
    """Charsets to try, most trusted first. UTF-8 has been ruled out, UTF-16 needs NULs."""
    declared = [c for c in (_from_header(content_type), _from_page(raw)) if c is not None]
    if len(declared) == 2 and declared[0] == WINDOWS_1252 and declared[1].name in _MULTIBYTE:
        declared.reverse()  # the server's default against the author's word
    for charset in declared:
        if charset != UTF8 and not charset.name.startswith("utf-16"):
            yield charset
    yield from _detected(raw)


def _from_header(content_type: str | None) -> Charset | None:
    match = _HEADER_CHARSET.search(content_type or "")
    return lookup(match[1]) if match else None


def _from_page(raw: bytes) -> Charset | None:
    match = _META_CHARSET.search(raw[:_HEAD_BYTES])
    return lookup((match[1] or match[2]).decode("ascii")) if match else None


def _detected(raw: bytes) -> Iterator[Charset]:
    # html5_compatible would turn CP949 (Korean), which it does not know, into UTF-8.
    label = detect_encoding(raw, html5_compatible=False)
    charset = lookup(label) if label else None
    n_high = _non_ascii(raw)
    enough = n_high >= MIN_DETECTION_BYTES or (charset and charset.name in _MULTIBYTE)
    if charset and charset != UTF8 and enough:
        yield charset
    if n_high <= MAX_FALLBACK_SHARE * len(raw):
        yield WINDOWS_1252


def _non_ascii(raw: bytes) -> int:
    return len(raw.translate(None, _ASCII))


def _strict(raw: bytes, charset: Charset) -> Decoded | None:
    """`raw` decoded without a fault, or None. A last character that was cut off is no fault."""
    try:
        return Decoded(raw.decode(charset.codec), charset.name)
    except UnicodeDecodeError as error:
        if error.start == 0 or error.start < len(raw) - 3 or error.end < len(raw):
            return None
        return _strict(raw[: error.start], charset)


def _lenient(raw: bytes, charset: Charset) -> Decoded:
    """`raw` with faulty bytes replaced, or `undecodable_text` when they are too many."""
    text = raw.decode(charset.codec, "replace")
    replaced = text.count("\ufffd")
    if replaced > MAX_REPLACED_SHARE * len(text):
        return Decoded(None, None, replaced, "undecodable_text")
    return Decoded(text, charset.name, replaced)
