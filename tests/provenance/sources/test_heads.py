"""Headers of archive records."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from provenance.sources.heads import ARC, WARC, fields_of, find_header_end, text_of
from provenance.sources.members import Piece
from provenance.sources.records import Head
from provenance.sources.window import Window

names = st.sampled_from(
    ["WARC-Type", "warc-type", "WARC-Date", "WARC-Target-URI", "Content-Length", "Content-Type",
     "WARC-Record-ID", "WARC-Truncated", "X-Other", " WARC-Date", "WARC-Concurrent-To",
     "WARC-Refers-To", "WARC-Refers-To-Date", "WARC-Segment-Number", "WARC/1.0"]
)  # fmt: skip
values = st.one_of(
    st.sampled_from(["response", "12", "a: b", " x", "x ", "", "<http://a/>", "é", "a  b", "x\t"]),
    st.text(max_size=12).filter(lambda text: not set(text) & set("\r\n")),
)
separators = st.sampled_from([": ", ":", " : ", ":\t"])
endings = st.sampled_from(["\r\n", "\n", "\r\r\n", "\r\n ", "\r\n\r\n"])
odd = st.tuples(names, separators, values, endings).map("".join)
usual = st.sampled_from(
    ["WARC-Type: Response\r\n", "WARC-Record-ID: <urn:1>\r\n", "WARC-Date: 2020-01-01\r\n",
     "WARC-Target-URI: <http://a/>\r\n", "WARC-Truncated: length\r\n", "Content-Length: 012\r\n",
     "WARC-Refers-To: <urn:2>\r\n", "WARC-Segment-Number: 1\r\n", "WARC-Refers-To-Date: x y\r\n",
     "Content-Type: application/http; msgtype=response\r\n", "WARC-Block-Digest:  sha1:A \r\n"]
)  # fmt: skip
headers = st.tuples(
    st.lists(usual, max_size=11, unique=True),
    st.lists(st.one_of(usual, odd), max_size=1),
    st.lists(usual, max_size=1),
).map(lambda parts: [line for part in parts for line in part])


def read(data: bytes, limit_bytes: int = 10_000, *, piece_bytes: int = 10_000) -> Head | str:
    pieces = [
        Piece(at, data[at : at + piece_bytes], False) for at in range(0, len(data), piece_bytes)
    ]
    window = Window(pieces, begins=WARC.begins, exact=True)
    window.pull()
    return WARC.read_head(window, limit_bytes)


@settings(max_examples=1000)
@example(["WARC-Type: a\r\n", "Content-Length: 1\r\n"])
@given(headers)
def test_the_quick_way_to_read_a_header_agrees_with_the_lenient_one(lines: list[str]) -> None:
    data = ("WARC/1.0\r\n" + "".join(lines) + "\r\n").encode()
    found = WARC.regular_head(b"xyz" + data, 3)
    stop, end = find_header_end(data, 0)

    if found is not None:
        assert found == (WARC._parse(data[:stop]), 3 + end)
        assert read(data) == found[0]


def test_a_header_as_everybody_writes_it_is_read_the_quick_way() -> None:
    lines = b"WARC-Type: Response\r\nWARC-Refers-To: <urn:2>\r\nContent-Length: 7\r\n"
    more = b"WARC-Target-URI: <http://a/>\r\nWARC-Truncated: time\r\nWARC-Segment-Number: 1\r\n"
    data = b"WARC/1.1\r\n" + lines + more + b"WARC-Date: 2020\r\nContent-Type: a; b\r\n\r\n"
    head = Head("response", 7, "http://a/", "2020", None, "a; b", "time", "<urn:2>", True)

    assert WARC.regular_head(data + b"block", 0) == (head, len(data))


@pytest.mark.parametrize(
    "line",
    [b"WARC-Type: b", b"warc-type: b", b"WARC-Type : b", b"X-Other: b", b"WARC-Date:b", b"no colon",
     b"WARC-Date:  b", b"WARC-Date: b ", b"WARC-Date: \xc3\xa9", b"WARC-Date: a\n b", b" a: b",
     b"WARC/1.0", b"WARC-Filename: " + b"x" * 2048]
)  # fmt: skip
def test_any_other_header_is_left_to_the_lenient_way(line: bytes) -> None:
    data = b"WARC/1.0\r\nWARC-Type: a\r\nContent-Length: 7\r\n" + line + b"\r\n\r\n"

    assert WARC.regular_head(data, 0) is None


@given(st.binary(max_size=60), st.sampled_from([b"", b"a: b\r\n", b"\xc3\x89:\xa0\r\n \xe9 \n"]))
def test_fields_are_those_of_the_bytes_read_one_by_one(noise: bytes, line: bytes) -> None:
    data = line + noise.replace(b"x", b":").replace(b"y", b"\r\n")
    unfolded = re.sub(rb"\r?\n[ \t]+", b" ", data)
    plain = [
        (text_of(name.strip().lower()), text_of(value.lstrip(b" \t").rstrip()))
        for each in re.split(rb"[\r\n]", unfolded)
        for name, colon, value in [each.lstrip(b":").partition(b":")]
        if colon
    ]

    assert fields_of(data) == plain


def test_a_header_is_read_in_any_case_and_folded() -> None:
    data = (
        b"warc/1.0\nwarc-TYPE:Response\r\nCONTENT-length :  12 \nWARC-Target-URI: <http://a/\n b>\n"
        b"WARC-Record-ID: <urn:1>\nWARC-Segment-Number: 1\n\n"
    )

    assert read(data) == Head(
        "response", 12, url="http://a/ b", record_id="<urn:1>", is_segment=True
    )


@pytest.mark.parametrize("piece_bytes", [1, 2, 3, 7, 1000])
def test_a_header_may_arrive_in_any_pieces(piece_bytes: int) -> None:
    data = b"WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n"

    assert read(data, piece_bytes=piece_bytes) == Head("warcinfo", 0)


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        (b"WARC/1.0\r\n\r\n", "no WARC-Type"),
        (b"WARC/1.0\r\nWARC-Type: a\r\n\r\n", "no Content-Length"),
        (b"WARC/1.0\r\nWARC-Type: a\r\nContent-Length: -1\r\n\r\n", "Content-Length is '-1'"),
        (b"WARC/1.0\r\nWARC-Type: a\r\n", "the header does not end"),
        (b"WARC/1.0\r\nA: b\r\nWARC/1.0\r\n\r\n", "the header does not end before the next record"),
        (b"WARC/1.0\r\n" + b"A: b\r\n" * 3000, "the header is longer than 10000 bytes"),
    ],
)
def test_a_header_that_cannot_be_read_says_why(header: bytes, problem: str) -> None:
    assert read(header) == problem


@pytest.mark.parametrize("line", [b"", b"x-other: b\r\n"])
def test_a_header_beyond_the_limit_is_refused_though_it_is_all_there(line: bytes) -> None:
    data = b"WARC/1.0\r\nWARC-Type: a\r\nContent-Length: 0\r\n" + line + b"\r\n"

    assert read(data, len(data)) == Head("a", 0)
    assert read(data, len(data) - 1) == f"the header is longer than {len(data) - 1} bytes"


@pytest.mark.parametrize(
    ("data", "end"),
    [
        (b"a\r\n\r\nb", (3, 5)),
        (b"a\n\nb", (2, 3)),
        (b"a\n\r\nb", (2, 4)),
        (b"a\r\n\nb\r\n\r\n", (3, 4)),
        (b"a\r\r\n\r\r\nb", (4, 7)),
        (b"a\r\nb", (-1, -1)),
    ],
)
def test_the_first_empty_line_ends_a_header(data: bytes, end: tuple[int, int]) -> None:
    assert find_header_end(data, 0) == end


@given(st.binary(max_size=80), st.sampled_from([b"WARC/1.0\r\nWARC-Type: a", b"x\nwarc/0.17\nA:"]))
def test_what_is_found_begins_a_record(noise: bytes, head: bytes) -> None:
    hit = WARC.find(noise + head, 0)

    assert hit < 0 or WARC.begins(noise + head, hit)


@pytest.mark.parametrize(
    "line",
    [
        b"http://a.example/ 1.2.3.4 20080430204825 text/html 12",
        b"http://a.example/a b c 1.2.3.4 20080430204825 text/html; charset=x 12",
        b"http://a.example/ 0 20080430204825  12",
        b"http://a.example/ 1.2.3.4 20080430204825 text/html 200 sum - 12 name.arc 12",
        b"dns:a.example 2001:db8::1 20080430204825 text/dns 12",
    ],
)
@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_an_arc_line_begins_a_record(line: bytes, ending: bytes) -> None:
    window = Window([Piece(0, line + ending, False)], begins=ARC.begins, exact=True)
    window.pull()
    head = ARC.read_head(window, 1000)

    assert ARC.find(b"junk\n" + line + ending, 0) == 5
    assert isinstance(head, Head)
    assert (head.length, head.date) == (12, "20080430204825")


def test_prose_is_no_arc_record() -> None:
    assert ARC.find(b"see http://a.example/ for 12 more\nnote: 1 2 3\n", 0) == -1
