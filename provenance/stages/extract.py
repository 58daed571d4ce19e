"""Payload bytes to main text and the marks beside it; the payload is released."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.hidden_unicode import clean
from provenance import batch as contract
from provenance.errors import PlanError, Problem, nearest
from provenance.evidence.credentials import (
    LINK,
    Capture,
    CredentialReader,
    may_hold_credentials,
)
from provenance.evidence.facts import Fact
from provenance.evidence.hidden import hidden_facts
from provenance.evidence.page import HEADERS, NO_MARKS, PageMarks, read_headers, read_page
from provenance.text.bounds import parsing_fault
from provenance.text.charset import UTF8, Decoded, decode
from provenance.text.html import EXTRACTORS, main_text, plain_text

_PLAIN: Final = "text/plain"
_CONTENT_TYPE: Final = "content-type"
_HEADERS: Final = pa.array((_CONTENT_TYPE, *HEADERS), pa.string())
_NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})


class Payload(NamedTuple):
    """One document as it was captured. captured_at: an Arrow scalar, for few need its value."""

    raw: bytes
    media_type: str
    headers: Mapping[str, str]
    captured_at: pa.Scalar
    truncated: str | None


class Extracted(NamedTuple):
    """One document. Of `text` and `no_text_reason` exactly one is None."""

    text: str | None
    charset: str | None
    no_text_reason: str | None
    marks: PageMarks = NO_MARKS


class Extract:
    """Adds the text of each document and the marks that stand beside it; releases `raw`.

    Plain text passes through; every other media type is read as HTML. What is hidden in a text is
    counted as marks and is not in `text`. What a document does to a decoder, an extractor or a
    verifier is a reason in its row, never an exception. trust_anchors: PEM certificates of those
    whose content credentials are trusted. mask_generated: text of elements that their page declares
    generated is left out. Raises PlanError for an extractor that does not exist, and for what is
    not installed.
    """

    name = "extract"
    reads = ("raw", "media_type", "headers", "captured_at", "truncated")
    adds = contract.added_by("extract")
    drops = ("raw",)

    def __init__(
        self,
        *,
        extractor: str = "resiliparse",
        trust_anchors: str | None = None,
        mask_generated: bool = False,
    ) -> None:
        fault = _extractor_fault(extractor)
        if fault is not None:
            raise PlanError(fault)
        self.extractor = extractor
        self._masks = mask_generated
        self._reader = CredentialReader(trust_anchors)

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        rows = [self._extract(row) for row in _payloads(batch)]
        values = {
            "text": [row.text for row in rows],
            "charset": [row.charset for row in rows],
            "no_text_reason": [row.no_text_reason for row in rows],
            "marks": [[fact.row() for fact in row.marks.facts] for row in rows],
            "page_rights": [[said.row() for said in row.marks.rights] or None for row in rows],
        }
        columns = {
            name: pa.array(values[name], type=contract.COLUMNS[name].type) for name in self.adds
        }
        return contract.append(contract.release(batch, self.drops), columns)

    def _extract(self, given: Payload) -> Extracted:
        raw, headers = given.raw, given.headers
        if not raw:
            return Extracted(None, None, "no_main_text")
        decoded = decode(raw, content_type=headers.get(_CONTENT_TYPE))
        if decoded.text is None:
            return Extracted(None, decoded.charset, decoded.reason)
        if given.media_type == _PLAIN:
            text, reason, marks = plain_text(decoded.text), None, read_headers(headers)
        else:
            page = raw if decoded.charset == UTF8.name else None
            text, reason, marks = self._from_html(decoded.text, page, headers)
        cleaned = clean(text or "")
        marks = marks.plus(hidden_facts(cleaned))
        if may_hold_credentials(given.raw, given.headers.get(LINK), cleaned):
            marks = marks.plus(self._credential_facts(given, decoded, text or ""))
        if not cleaned.text or cleaned.text.isspace():
            nothing = "no_main_text" if marks.masked is None else "all_masked"
            return Extracted(None, decoded.charset, reason or nothing, marks)
        return Extracted(cleaned.text, decoded.charset, None, marks)

    def _credential_facts(self, given: Payload, decoded: Decoded, text: str) -> list[Fact]:
        is_utf8 = decoded.charset == UTF8.name
        capture = Capture(
            data=given.raw if is_utf8 else (decoded.text or "").encode("utf-8", "replace"),
            text=None if given.media_type == _PLAIN else text,
            link=given.headers.get(LINK),
            captured_at=given.captured_at.as_py(),
            is_whole=given.truncated is None,
        )
        return [found.fact() for found in self._reader.credentials(capture)]

    def _from_html(
        self, html: str, page: bytes | None, headers: Mapping[str, str]
    ) -> tuple[str | None, str | None, PageMarks]:
        """Text or reason, and marks. page: `html` in UTF-8 where that is what was received."""
        fault = parsing_fault(page or _ascii(html))
        if fault is not None:
            return None, fault, read_headers(headers)
        marks = read_page(
            page or html.encode("utf-8", "replace"), headers, mask_generated=self._masks
        )
        if marks.masked is not None:
            html = marks.masked
            fault = parsing_fault(_ascii(html))  # what was left open is written out
            if fault is not None:
                return None, fault, marks
        try:
            return main_text(html, extractor=self.extractor), None, marks
        except Exception:  # a parser's own errors: one page's fault must not cost the batch
            return None, "extractor_failed", marks


def _extractor_fault(name: str) -> Problem | None:
    """What is wrong with asking for extractor `name`; None when it can be used."""
    where = "stage 'extract'"
    if name not in EXTRACTORS:
        return Problem(where, f"no extractor {name!r}", accepted=", ".join(EXTRACTORS),
                       suggestion=nearest(name, EXTRACTORS))  # fmt: skip
    # Probed here: an import that fails page by page would read as an empty crawl.
    if importlib.util.find_spec(name) is None:
        return Problem(where, f"extractor {name!r} is not installed",
                       accepted=f"pip install 'provenance-filter[{name}]'")  # fmt: skip
    return None


def _ascii(html: str) -> bytes:
    """All that `bounds` reads of a page whose charset may hide ASCII inside other characters."""
    return html.encode("ascii", "replace")


def _payloads(batch: pa.RecordBatch) -> Iterator[Payload]:
    """One payload after the other: only one is in memory at a time."""
    media_types, cuts = (batch.column(name).to_pylist() for name in ("media_type", "truncated"))
    headers, dates = _headers(batch.column("headers")), batch.column("captured_at")
    for row, raw in enumerate(batch.column("raw")):
        yield Payload(raw.as_py() or b"", media_types[row], headers[row], dates[row], cuts[row])


def _headers(column: pa.MapArray) -> list[Mapping[str, str]]:
    """Of each row, the headers of _HEADERS it has, read without making all maps; the first of a
    name counts."""
    rows: list[Mapping[str, str]] = [_NO_HEADERS] * len(column)
    places = np.flatnonzero(pc.is_in(column.keys, _HEADERS).to_numpy(zero_copy_only=False))
    owners = np.searchsorted(column.offsets.to_numpy(), places, side="right") - 1
    inside = (owners >= 0) & (owners < len(column))
    chosen = pa.array(places[inside])
    names, values = column.keys.take(chosen).to_pylist(), column.items.take(chosen).to_pylist()
    for row, name, value in zip(owners[inside].tolist(), names, values, strict=True):
        if value is not None:
            rows[row] = {name: value, **rows[row]}
    return rows
