"""Bytes to text where header, page and bytes disagree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.reasons import NO_TEXT
from provenance.text.charset import MAX_REPLACED_SHARE, decode, lookup

CHINESE = "<html><body><p>这是一个关于自然语言处理的简短例子。今天天气很好，我们去公园散步。</p>"
KOREAN = "<html><body><p>한국어로 쓴 짧은 문장입니다. 오늘은 날씨가 매우 좋아서 산책을 갑니다.</p>"
JAPANESE = "<html><body><p>これは日本語の短い文章です。今日は天気がとても良いので散歩します。</p>"
RUSSIAN = "<html><body><p>Это короткий пример русского текста. Сегодня хорошая погода.</p>"
FRENCH = "<html><body><p>L’été dernier, nous étions à la forêt où les chênes poussent.</p>"


def content_type(charset: str) -> str:
    return f"text/html; charset={charset}"


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_a_byte_order_mark_overrules_the_header(codec: str) -> None:
    decoded = decode(("\ufeff" + RUSSIAN).encode(codec), content_type=content_type("utf-8"))

    assert (decoded.text, decoded.charset) == (RUSSIAN, codec.replace("16-", "16"))


def test_a_utf8_mark_is_removed_and_overrules_the_header() -> None:
    decoded = decode(RUSSIAN.encode("utf-8-sig"), content_type=content_type("windows-1251"))

    assert (decoded.text, decoded.charset) == (RUSSIAN, "utf-8")


def test_a_utf8_mark_before_windows_1252_is_only_removed() -> None:
    decoded = decode(b"\xef\xbb\xbf" + FRENCH.encode("cp1252"), content_type=None)

    assert (decoded.text, decoded.charset) == (FRENCH, "windows-1252")


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("page", [FRENCH, RUSSIAN, CHINESE])
def test_utf16_is_seen_without_a_mark(codec: str, page: str) -> None:
    decoded = decode(page.encode(codec), content_type=content_type("utf-8"))

    assert decoded.text == page


@pytest.mark.parametrize("declared", ["ISO-8859-1", "windows-1251", "euc-kr", "no-such-charset"])
@pytest.mark.parametrize("page", [FRENCH, RUSSIAN, CHINESE])
def test_valid_utf8_overrules_a_header_that_contradicts(declared: str, page: str) -> None:
    decoded = decode(page.encode(), content_type=content_type(declared))

    assert (decoded.text, decoded.charset) == (page, "utf-8")


def test_valid_utf8_overrules_a_meta_element_that_contradicts() -> None:
    page = '<meta charset="iso-8859-1">' + RUSSIAN

    assert decode(page.encode(), content_type=None).text == page


@pytest.mark.parametrize(
    ("page", "codec", "label"),
    [
        (FRENCH, "cp1252", "iso-8859-1"),
        (FRENCH, "cp1252", "latin1"),
        (RUSSIAN, "cp1251", "Windows-1251"),
        (RUSSIAN, "koi8-r", "koi8-r"),
        (CHINESE, "gb18030", "gb2312"),
        (CHINESE, "gb18030", "GBK"),
        (JAPANESE, "cp932", "x-sjis"),
        (JAPANESE, "euc_jp", "euc-jp"),
        (JAPANESE, "iso2022_jp", "iso-2022-jp"),
        (KOREAN, "cp949", "ks_c_5601-1987"),
    ],
)
def test_labels_mean_what_the_web_means_by_them(page: str, codec: str, label: str) -> None:
    declared_in_page = f'<meta http-equiv=Content-Type content="text/html; charset={label}">{page}'

    assert decode(page.encode(codec), content_type=content_type(label)).text == page
    assert decode(declared_in_page.encode(codec), content_type=None).text == declared_in_page


def test_an_xml_declaration_names_the_charset() -> None:
    page = '<?xml version="1.0" encoding="windows-1251"?>' + RUSSIAN

    assert decode(page.encode("cp1251"), content_type="application/xhtml+xml").text == page


def test_the_page_overrules_the_default_of_a_server() -> None:
    # No byte of EUC-KR is undefined in windows-1252: it would decode, to nonsense.
    page = '<meta charset="euc-kr">' + KOREAN

    decoded = decode(page.encode("euc_kr"), content_type=content_type("ISO-8859-1"))

    assert decoded.text == page


def test_windows_1252_behind_a_declaration_of_utf8_is_no_mojibake() -> None:
    page = "<p>Here is a quotation: “it’s fine” – and no more than that.</p>"

    decoded = decode(page.encode("cp1252"), content_type=content_type("UTF-8"))

    assert (decoded.text, decoded.charset) == (page, "windows-1252")


@pytest.mark.parametrize(
    ("page", "codec"),
    [(CHINESE, "gb18030"), (KOREAN, "cp949"), (RUSSIAN, "cp1251"), (FRENCH, "cp1252")],
)
def test_an_undeclared_charset_is_detected(page: str, codec: str) -> None:
    assert decode((page * 3).encode(codec), content_type=None).text == page * 3


def test_a_label_of_no_charset_falls_through_to_the_page() -> None:
    page = '<meta charset="windows-1251">' + RUSSIAN

    assert decode(page.encode("cp1251"), content_type=content_type("binary")).text == page


@pytest.mark.parametrize("label", ["", "utf-7", "idna", "rot13", "zlib", "hex", "replacement"])
def test_python_codecs_that_are_no_web_charsets_are_unknown(label: str) -> None:
    assert lookup(label) is None


def test_a_character_cut_at_the_end_is_dropped() -> None:
    assert decode("naïve café".encode()[:-1], content_type=None).text == "naïve caf"
    assert decode(CHINESE.encode("gb18030")[:-5], content_type=content_type("gbk")).replaced == 0


def test_a_few_damaged_bytes_do_not_turn_utf8_into_mojibake() -> None:
    decoded = decode(RUSSIAN.encode() * 20 + b" \xff\xfe \x93end", content_type=None)

    assert decoded.charset == "utf-8"
    assert decoded.replaced == 3


def test_a_damaged_byte_in_a_declared_multibyte_charset_is_replaced() -> None:
    raw = KOREAN.encode("cp949") * 5 + b" \xff end" + b"<br>" * 500

    decoded = decode(raw, content_type=content_type("euc-kr"))

    assert (decoded.charset, decoded.replaced) == ("euc-kr", 1)


@pytest.mark.parametrize(
    "raw",
    [
        b"\0" * 64,
        b"%PDF-1.7\nplain words follow",
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        b"text with \0\0\0\0 many \0\0\0\0 nuls",
        bytes(range(32)) * 8,
    ],
)
def test_bytes_that_are_no_text_say_so(raw: bytes) -> None:
    assert decode(raw, content_type=content_type("utf-8")).reason == "binary_content"


def test_one_stray_nul_makes_no_utf16() -> None:
    decoded = decode(b"words " * 50 + b"\0 more words", content_type=None)

    assert decoded.charset == "utf-8"


def test_a_text_that_starts_like_a_file_format_stays_text() -> None:
    assert decode(b"RIFFs and GIF87 tags, ID3 too", content_type=None).reason is None


def test_high_bytes_in_no_plausible_charset_are_undecodable() -> None:
    raw = bytes([0x81, 0x8D, 0xFF, 0x90, 0xFE, 0x9D]) * 200

    assert decode(raw, content_type=None).reason == "undecodable_text"


@given(st.binary(max_size=300), st.one_of(st.none(), st.text(max_size=30)))
def test_any_bytes_give_a_text_or_a_reason(raw: bytes, header: str | None) -> None:
    decoded = decode(raw, content_type=header)

    if decoded.text is None:
        assert decoded.reason in NO_TEXT
    else:
        assert decoded.reason is None
        assert decoded.text.encode().decode() == decoded.text
        assert decoded.replaced <= max(1, MAX_REPLACED_SHARE * len(decoded.text))


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=200))
def test_valid_utf8_comes_back_as_it_was(text: str) -> None:
    decoded = decode(text.encode(), content_type="text/plain; charset=utf-8")

    assert decoded.text == text.removeprefix("\ufeff")


@given(st.sampled_from([b"<", b"\xff", b"\xe9a", b"\x1b$B", b"<meta charset=", b"\0a", b"\x81"]))
def test_repetition_costs_no_more_than_its_length(part: bytes) -> None:
    raw = part * 20_000

    decoded = decode(raw, content_type=None)

    assert (decoded.text is None) == (decoded.reason is not None)
