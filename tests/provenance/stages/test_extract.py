"""From payload to text, row by row, whatever the bytes are."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance import batch as contract
from provenance.errors import PlanError
from provenance.reasons import NO_TEXT
from provenance.stage import Stage
from provenance.stages import extract as module
from provenance.stages.extract import Extract
from provenance.text import html
from provenance.text.normal import normal_form

STORY = "<p>" + "A sentence of the story that is told on this page. " * 8 + "</p>"
Row = tuple[bytes | None, str | None, Mapping[str, str] | None]


def batch_of(rows: list[Row]) -> pa.RecordBatch:
    schema = contract.schema(["doc_id", "captured_at", "media_type", "headers", "truncated", "raw"])
    headers = [None if h is None else list(h.items()) for _, _, h in rows]
    columns = [
        pa.array([i.to_bytes(16, "big") for i in range(len(rows))], contract.DOC_ID),
        pa.nulls(len(rows), contract.TIMESTAMP),
        pa.array([media_type for _, media_type, _ in rows], pa.string()),
        pa.array(headers, schema.field("headers").type),
        pa.nulls(len(rows), pa.string()),
        pa.array([raw for raw, _, _ in rows], pa.large_binary()),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def extracted(
    raw: bytes | None, media_type: str = "text/html", content_type: str = "text/html"
) -> tuple[str | None, ...]:
    """text, charset and no_text_reason of one document."""
    after = Extract()(batch_of([(raw, media_type, {"content-type": content_type})]))
    return tuple(after.column(name)[0].as_py() for name in ("text", "charset", "no_text_reason"))


def marked(raw: bytes, headers: Mapping[str, str], media_type: str = "text/html") -> list[str]:
    """The kinds of the facts read off one document."""
    after = Extract()(batch_of([(raw, media_type, headers)]))
    return [fact["kind"] for fact in after.column("marks")[0].as_py()]


def test_it_is_a_stage_that_adds_and_drops_what_it_declares() -> None:
    before = batch_of([(STORY.encode(), "text/html", {})])

    after = Extract()(before)

    assert isinstance(Extract(), Stage)
    assert after.schema.names == [
        *("doc_id", "captured_at", "media_type", "headers", "truncated"),
        *Extract.adds,
    ]
    assert Extract.adds == ("text", "charset", "no_text_reason", "marks", "page_rights")


def test_a_page_gives_its_text_and_charset() -> None:
    text, charset, reason = extracted(STORY.encode())

    assert normal_form(text) == normal_form(
        "A sentence of the story that is told on this page. " * 8
    )
    assert (charset, reason) == ("utf-8", None)


def test_the_header_of_the_own_row_is_used() -> None:
    rows: list[Row] = [
        ("Привет, мир".encode("koi8-r"), "text/plain",
         {"content-type": "text/plain; charset=koi8-r"}),
        (b"plain", "text/plain", None),
        (b"plain", "text/plain", {"server": "x", "content-type": "text/plain; charset=cp1251"}),
        ("Привет, мир".encode("cp1251"), "text/plain",
         {"age": "1", "content-type": "text/plain; charset=windows-1251", "via": "y"}),
    ]  # fmt: skip

    after = Extract()(batch_of(rows).slice(1, 3))

    assert after.column("text").to_pylist() == ["plain", "plain", "Привет, мир"]
    assert Extract()(batch_of(rows)).column("text")[0].as_py() == "Привет, мир"


def test_marks_are_read_off_the_raw_page_and_the_headers_of_the_own_row() -> None:
    script = '<script type="application/ld+json">{"@type": "Article", "digitalSourceType": "%s"}'
    page = f"{script % 'trainedAlgorithmicMedia'}</script>{STORY}"
    headers = {"server": "x", "ai-disclosure": "mode=none", "content-type": "text/html"}

    assert marked(page.encode(), headers) == ["declared_human", "declared_synthetic"]
    assert marked(page.encode("utf-16"), {}) == ["declared_synthetic"]
    assert marked(b"plain", headers, "text/plain") == ["declared_human"]
    assert marked(STORY.encode(), {"server": "x"}) == []


def test_marks_of_a_row_in_a_sliced_batch_are_its_own() -> None:
    rows: list[Row] = [
        (b"a", "text/plain", {"ai-disclosure": f"mode={mode}"}) for mode in ("none", "ai-modified")
    ]

    after = Extract()(batch_of(rows).slice(1, 1))

    assert after.column("marks")[0][0]["kind"].as_py() == "declared_mixed"


def test_plain_text_comes_back_as_it_went_in() -> None:
    text = "Line one\n\n  indented <b>no markup</b> &amp;\u00a0\ttab 漢字\n"

    assert extracted(text.encode(), "text/plain", "text/plain; charset=utf-8")[0] == text


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (None, "no_main_text"),
        (b"", "no_main_text"),
        (b"<html><script>only()</script></html>", "no_main_text"),
        (b"\0" * 100, "binary_content"),
        (bytes([0x81, 0x8D, 0xFF]) * 500, "undecodable_text"),
        (b"<div>" * 100_000, "html_too_deep"),
        (b"<p>" + b"word " * 2_000_000, "html_too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_document_without_text_says_why(raw: bytes | None, reason: str) -> None:
    text, _, given_reason = extracted(raw)

    assert text is None
    assert given_reason == reason
    assert reason in NO_TEXT


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "cp1251", "gb18030"])
def test_a_page_is_too_deep_in_any_charset(encoding: str) -> None:
    page = "<meta charset=gb18030>漢字漢字" if encoding == "gb18030" else "<p>Привет, мир, как дела"

    raw = (page + "<div>" * 12_000).encode(encoding)

    assert extracted(raw)[2] == "html_too_deep"


def test_blank_plain_text_is_no_text() -> None:
    assert extracted(b" \r\n \t", "text/plain")[2] == "no_main_text"


def test_an_extractor_that_raises_costs_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails_on_two(page: str) -> str:
        if "two" in page:
            raise RecursionError
        return page

    monkeypatch.setitem(html.EXTRACTORS, "resiliparse", fails_on_two)
    rows: list[Row] = [(raw, "text/html", {}) for raw in (b"one", b"two", b"three")]

    after = Extract()(batch_of(rows))

    assert after.column("text").to_pylist() == ["one", None, "three"]
    assert after.column("no_text_reason").to_pylist() == [None, "extractor_failed", None]


def test_an_unknown_extractor_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(PlanError, match="did you mean 'trafilatura'"):
        Extract(extractor="trafilaturo")


def test_an_extractor_that_is_not_installed_is_refused_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: None)

    with pytest.raises(PlanError, match="not installed"):
        Extract(extractor="trafilatura")


def test_an_empty_batch_stays_empty() -> None:
    after = Extract()(batch_of([]))

    assert after.num_rows == 0
    assert after.schema.field("text").type == pa.large_string()


@given(st.lists(st.tuples(st.binary(max_size=80), st.sampled_from(["text/html", "text/plain"]))))
def test_rows_keep_their_number_and_order_and_have_text_or_a_reason(
    payloads: list[tuple[bytes, str]],
) -> None:
    before = batch_of([(raw, media_type, {}) for raw, media_type in payloads])

    after = Extract()(before)

    assert after.column("doc_id").equals(before.column("doc_id"))
    without_text = after.column("text").is_null()
    assert without_text.equals(after.column("no_text_reason").is_valid())


def wrapped_pages(folder: Path) -> Iterator[tuple[bytes, str, str, str]]:
    """Payload, Content-Type, true text and language of the crawl's pages with a charset trap."""
    fastwarc = pytest.importorskip("fastwarc.warc")
    parquet = pytest.importorskip("pyarrow.parquet")
    columns = ["record_id", "charset_issue", "main_text", "language"]
    table = parquet.read_table(folder / "truth.parquet", columns=columns)
    truth = {row["record_id"]: row for row in table.to_pylist()}
    for path in sorted((folder / "polluted").glob("*.warc.gz")):
        with gzip.open(path) as stream:
            for record in fastwarc.ArchiveIterator(stream, auto_decode="all"):
                row = truth.get(record.headers.get("WARC-Record-ID"), {})
                if row.get("charset_issue") and row["main_text"]:
                    header = record.http_headers.get("Content-Type") or ""
                    yield record.reader.read(), header, row["main_text"], row["language"]


@pytest.mark.skipif("PROVENANCE_DATA" not in os.environ, reason="needs PROVENANCE_DATA")
def test_every_page_with_a_charset_trap_gives_its_true_text() -> None:
    pages = list(wrapped_pages(Path(os.environ["PROVENANCE_DATA"]) / "crawl"))

    after = Extract()(batch_of([(raw, "text/html", {"content-type": h}) for raw, h, _, _ in pages]))

    assert len(pages) > 40
    for found, (_, _, true_text, language) in zip(after.column("text"), pages, strict=True):
        words = set(normal_form(found.as_py() or "").split())
        true_words = set(normal_form(true_text).split())
        assert len(true_words & words) >= 0.98 * len(true_words), (language, true_text[:80])


@pytest.mark.parametrize("media_type", ["text/html", "text/plain"])
def test_what_is_hidden_in_a_text_is_counted_and_is_not_in_it(media_type: str) -> None:
    story = STORY if media_type == "text/html" else "A sentence of the story. " * 8
    hidden = story.replace("e", "e\u200b").replace("A s", "A\U000e0041 s")

    after = Extract()(
        batch_of([(hidden.encode(), media_type, {}), (story.encode(), media_type, {})])
    )

    found, clean = after.column("text").to_pylist()
    assert found == clean
    kinds = [[fact["kind"] for fact in row] for row in after.column("marks").to_pylist()]
    assert kinds == [["hidden_zero_width", "hidden_tags"], []]


def test_a_text_of_hidden_characters_alone_is_no_text() -> None:
    assert extracted("\ufeff\u200b\u2060 \n\u200b".encode(), "text/plain") == (
        None,
        "utf-8",
        "no_main_text",
    )


MASKABLE = f"{STORY}<div ai-disclosure=ai-generated><p>{'Machines wrote it. ' * 20}</p></div>"


def test_generated_sections_are_left_out_where_that_is_asked_for() -> None:
    batch = batch_of([(MASKABLE.encode(), "text/html", {}), (STORY.encode(), "text/html", {})])

    kept, left_out = Extract()(batch), Extract(mask_generated=True)(batch)

    assert "Machines" in kept.column("text")[0].as_py()
    assert normal_form(left_out.column("text")[0].as_py()) == normal_form(
        "A sentence of the story that is told on this page. " * 8
    )
    assert left_out.column("text")[1] == kept.column("text")[1]
    kinds = [[fact["kind"] for fact in facts] for facts in left_out.column("marks").to_pylist()]
    assert kinds == [["masked_synthetic", "declared_unknown"], []]


def test_a_page_that_is_masked_as_a_whole_says_so() -> None:
    page = MASKABLE.replace("<p>A", "<p ai-disclosure=autonomous>A").encode()

    after = Extract(mask_generated=True)(batch_of([(page, "text/html", {})]))

    assert after.column("text")[0].as_py() is None
    assert after.column("no_text_reason")[0].as_py() == "all_masked"


def test_a_masked_page_that_grew_too_large_is_not_parsed_again() -> None:
    """What is left open is reopened in every paragraph, and then stands there written out."""
    left_open = "".join(f"<font face='{i:02000}'>" for i in range(10))
    page = f"<div ai-disclosure=ai-generated>m</div><p>{left_open}{'<p>text' * 500}"

    after = Extract(mask_generated=True)(batch_of([(page.encode(), "text/html", {})]))

    assert after.column("no_text_reason")[0].as_py() == "html_too_large"
    assert extracted(page.encode())[0] is not None
