"""The shingles that a site repeats on its pages, as a table, and as an answer about a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from provenance import batch as contract
from provenance.dedup.signed import SignedTexts
from provenance.dedup.statements import statement
from provenance.emit.atomic import replacing
from provenance.emit.parquet import PartWriter
from provenance.session import Session

I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]

#: One row per site and shingle hash that is boilerplate there.
BOILERPLATE = pa.schema(
    [pa.field("site", pa.string(), nullable=False), pa.field("hash", pa.uint32(), nullable=False)],
    metadata={b"provenance.schema": b"boilerplate/1"},
)
_PLACES = pa.schema([("site", pa.int64()), ("hash", pa.uint32())])


def site_of(host: str | None) -> str | None:
    """The site of a host, as `documents.sql` has it."""
    return host.removeprefix("www.") if host else host


def write_boilerplate(session: Session, texts: SignedTexts, out: Path) -> None:
    """Write what is marked in `texts` to `out`, by site and hash. Needs `dedup_texts`."""
    batches = pa.RecordBatchReader.from_batches(_PLACES, _marked(texts))
    session.register("dedup_marked", batches)
    with replacing(out) as temporary, PartWriter(str(temporary), BOILERPLATE) as writer:
        for found in session.reader(statement("boilerplate_table")):
            for part in contract.restamp(found, BOILERPLATE).to_batches():
                writer.write(part)


def _marked(texts: SignedTexts) -> Iterator[pa.RecordBatch]:
    """Distinct (site, hash) of each chunk of texts."""
    for chunk in texts.chunks():
        starts, stops = texts.starts[chunk], texts.stops[chunk]
        lengths = stops - starts
        offsets = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        places = np.repeat(starts, lengths) + offsets
        sites = np.repeat(texts.sites[chunk], lengths)
        marked = np.asarray(texts.is_boilerplate[places])
        pairs = np.column_stack([sites[marked], texts.hashes[places[marked]]]).astype(np.int64)
        site, value = np.unique(pairs, axis=0).reshape(-1, 2).T
        yield pa.record_batch([pa.array(site), pa.array(value, pa.uint32())], schema=_PLACES)


@dataclass(frozen=True, slots=True)
class Boilerplate:
    """What is boilerplate where. keys: uint64, ascending: the number of the site, then the hash."""

    sites: dict[str, int]
    keys: U64

    @classmethod
    def load(cls, path: Path) -> Boilerplate:
        """The table at `path`, 8 bytes a row; nothing where there is none."""
        sites: dict[str, int] = {}
        parts = [np.zeros(0, dtype=np.uint64)]
        if not path.exists():
            return cls(sites, parts[0])
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches():
                coded = batch.column("site").dictionary_encode()
                names = coded.dictionary.to_pylist()
                numbers = np.array([sites.setdefault(n, len(sites)) for n in names], np.uint64)
                hashes = batch.column("hash").to_numpy().astype(np.uint64)
                parts.append(numbers[coded.indices.to_numpy()] << np.uint64(32) | hashes)
        return cls(sites, np.concatenate(parts))

    def marks(
        self, hosts: Sequence[str | None], bounds: I64, hashes: npt.NDArray[np.uint32]
    ) -> npt.NDArray[np.bool_]:
        """Whether each of `hashes`, those of host i from bounds[i] to bounds[i + 1], is one."""
        numbers = np.array([self.sites.get(site_of(host) or "", -1) for host in hosts], np.int64)
        sites = np.repeat(numbers, np.diff(bounds))
        keys = sites.astype(np.uint64) << np.uint64(32) | hashes
        at = np.searchsorted(self.keys, keys)
        marks: npt.NDArray[np.bool_] = at < len(self.keys)
        marks[marks] = self.keys[at[marks]] == keys[marks]
        return marks
