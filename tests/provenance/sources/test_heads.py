"""Headers of archive records."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from provenance.sources.heads import ARC, WARC, find_header_end, regular_fields
from provenance.sources.members import Piece
from provenance.sources.records import Head
from provenance.sources.window import Window

names = st.sampled_from(
    ["WARC-Type", "warc-type", "WARC-Date", "WARC-Target-URI", "Content-Length", "Content-Type",
     "WARC-Record-ID", "WARC-Truncated", "X-Other", " WARC-Date", "WARC-Concurrent-To"]
)  # fmt: skip
values = st.one_of(
    st.sampled_from(["response", "12", "a: b", " x", "x ", "", "<http://a/>", "é"]),
    st.text(max_size=12).filter(lambda text: not set(text) & set("\r\n")),
)
fields = st.lists(
    st.tuples(names, st.sampled_from([": ", ":", " : ", ":\t"]), values,
              st.sampled_from(["\r\n", "\r\n", "\n", "\r\r\n"])), max_size=9
)  # fmt: skip


def read(data: bytes, limit_bytes: int = 10_000, *, piece_bytes: int = 10_000) -> Head | str:
    pieces = [
        Piece(at, data[at : at + piece_bytes], False) for at in range(0, len(data), piece_bytes)
    ]
    window = Window(pieces, begins=WARC.begins, exact=True)
    window.pull()
    return WARC.read_head(window, limit_bytes)


@settings(max_examples=300)
@example([("WARC-Date", ": ", "x", "\n"), ("WARC-Type", ": ", "x", "\r\n")])
@given(fields)
def test_the_quick_way_to_read_a_header_agrees_with_the_lenient_one(
    lines: list[tuple[str, str, str, str]],
) -> None:
    text = "WARC/1.0\r\n" + "".join("".join(line) for line in lines)
    quick = WARC._parse(text.encode())

    # A folded empty line changes nothing but the way that is taken.
    lenient = WARC._parse((text + " \r\n").encode())

    assert regular_fields(text + " \r\n") is None
    assert quick == lenient


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
