"""Payload bytes to main text; the payload is released."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from provenance import batch as contract
from provenance.errors import PlanError, Problem, nearest
from provenance.text.bounds import parsing_fault
from provenance.text.charset import UTF8, decode
from provenance.text.html import EXTRACTORS, main_text, plain_text

_PLAIN: Final = "text/plain"

#: text, charset, no_text_reason: exactly one of the first and the last is None.
Extracted = tuple[str | None, str | None, str | None]


class Extract:
    """Adds `text`, `charset` and `no_text_reason`; releases `raw`.

    Plain text passes through; every other media type is read as HTML. What a document does to a
    decoder or an extractor is a reason in its row, never an exception. Raises PlanError for an
    extractor that does not exist or is not installed.
    """

    name = "extract"
    reads = ("raw", "media_type", "headers")
    adds = contract.added_by("extract")
    drops = ("raw",)

    def __init__(self, *, extractor: str = "resiliparse") -> None:
        fault = _extractor_fault(extractor)
        if fault is not None:
            raise PlanError(fault)
        self.extractor = extractor

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        rows = [self._extract(*row) for row in _payloads(batch)]
        columns = {
            name: pa.array((row[place] for row in rows), type=contract.COLUMNS[name].type)
            for place, name in enumerate(self.adds)
        }
        return contract.append(contract.release(batch, self.drops), columns)

    def _extract(self, raw: bytes | None, media_type: str, content_type: str | None) -> Extracted:
        if not raw:
            return None, None, "no_main_text"
        decoded = decode(raw, content_type=content_type)
        if decoded.text is None:
            return None, decoded.charset, decoded.reason
        if media_type == _PLAIN:
            text, reason = plain_text(decoded.text), None
        else:
            markup = raw if decoded.charset == UTF8.name else _ascii(decoded.text)
            text, reason = self._from_html(decoded.text, markup)
        return text, decoded.charset, None if text is not None else reason or "no_main_text"

    def _from_html(self, html: str, markup: bytes) -> tuple[str | None, str | None]:
        fault = parsing_fault(markup)
        if fault is not None:
            return None, fault
        try:
            return main_text(html, extractor=self.extractor), None
        except Exception:  # a parser's own errors: one page's fault must not cost the batch
            return None, "extractor_failed"


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


def _payloads(batch: pa.RecordBatch) -> Iterator[tuple[bytes | None, str, str | None]]:
    """Payload, media type and Content-Type header of each row; one payload in memory at a time."""
    media_types = batch.column("media_type").to_pylist()
    content_types = _header(batch.column("headers"), "content-type")
    for raw, media_type, content_type in zip(
        batch.column("raw"), media_types, content_types, strict=True
    ):
        yield raw.as_py(), media_type, content_type


def _header(headers: pa.MapArray, name: str) -> list[str | None]:
    """The first value of header `name` in each row, read without making Python maps."""
    values: list[str | None] = [None] * len(headers)
    places = np.flatnonzero(pc.equal(headers.keys, name).to_numpy(zero_copy_only=False))
    rows = np.searchsorted(headers.offsets.to_numpy(), places, side="right") - 1
    inside = (rows >= 0) & (rows < len(headers))
    found = headers.items.take(pa.array(places[inside])).to_pylist()
    for row, value in zip(reversed(rows[inside].tolist()), reversed(found), strict=True):
        values[row] = value
    return values
