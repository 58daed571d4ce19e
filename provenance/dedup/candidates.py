"""Pairs of texts worth comparing: alike as wholes, or sharing what is their own.

Everything runs over one range of band keys or one range of hashes at a time, on numbers only.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from provenance.dedup.bands import band_keys
from provenance.dedup.buckets import group
from provenance.dedup.comparison import agreement
from provenance.dedup.kernels import count_slots, may_repeat
from provenance.dedup.parameters import DedupParameters
from provenance.dedup.partitions import Partitions, partition_count
from provenance.dedup.signed import SignedTexts
from provenance.dedup.statements import statement
from provenance.session import Session

#: Hashes joined at once: 32 bytes each in the session, before its indexes.
PARTITION_HASHES = 1 << 24
PAIRS_AT_ONCE = 1 << 16

I64 = npt.NDArray[np.int64]
_PAIRS = pa.schema([("earlier", pa.int64()), ("later", pa.int64())])
_HASHES = pa.schema(
    [("hash", pa.uint32()), ("text", pa.int64()), ("site", pa.int64()),
     ("is_first", pa.bool_()), ("place", pa.int64())]
)  # fmt: skip


def find_candidates(
    session: Session, texts: SignedTexts, folder: Path, parameters: DedupParameters
) -> None:
    """Fill tables `dedup_alike` and `dedup_shared`, and mark `texts.is_boilerplate`.

    folder: where band keys go, on their way, when they are more than memory should hold.
    """
    alike = _find_alike(session, texts, folder, parameters)
    is_first = first_versions(texts, alike)
    _count_pages(session, texts, is_first)
    session.run("CREATE TABLE dedup_shared (earlier BIGINT, later BIGINT, n_shared BIGINT)")
    for low, high in _ranges(texts.hashes):
        _join_hashes(session, texts, is_first, bounds=(low, high), parameters=parameters)


def pairs(session: Session, query: str, **values: int) -> Iterator[I64]:
    """The rows of `query`, two columns of numbers, as arrays [n, 2]."""
    for batch in session.reader(query, rows=PAIRS_AT_ONCE, **values):
        yield np.column_stack([column.to_numpy() for column in batch.columns])


def first_versions(texts: SignedTexts, alike: I64) -> npt.NDArray[np.bool_]:
    """Whether each text is unlike every earlier one of its site, given the pairs that are alike.

    Two captures of one page share nearly everything; that alone makes it no boilerplate.
    """
    is_first = np.ones(len(texts), dtype=np.bool_)
    earlier, later = alike[:, 0], alike[:, 1]
    is_first[later[texts.sites[earlier] == texts.sites[later]]] = False
    return is_first


def _find_alike(
    session: Session, texts: SignedTexts, folder: Path, parameters: DedupParameters
) -> I64:
    """The pairs [n, 2] that share a band and are alike, in order, also as table `dedup_alike`."""
    n_partitions = partition_count(len(texts) * parameters.bands)
    with Partitions(folder, n_partitions=n_partitions) as table:
        for chunk in texts.chunks():
            signatures = np.asarray(texts.signatures[chunk])
            keys = band_keys(signatures, bands=parameters.bands, rows=parameters.rows)
            table.write(keys, np.arange(chunk.start, chunk.stop, dtype=np.uint32))
        found = pa.RecordBatchReader.from_batches(_PAIRS, _alike_pairs(texts, table, parameters))
        session.register("dedup_found", found)
        session.run("CREATE TABLE dedup_alike AS SELECT DISTINCT earlier, later FROM dedup_found")
    query = "SELECT earlier, later FROM dedup_alike ORDER BY earlier, later"
    return np.concatenate([np.zeros((0, 2), dtype=np.int64), *pairs(session, query)])


def _alike_pairs(
    texts: SignedTexts, table: Partitions, parameters: DedupParameters
) -> Iterator[pa.RecordBatch]:
    """The pairs of each bucket that are alike; a pair comes once for each band that it shares."""
    for keys, numbers in table.read():
        for met in group(keys, numbers).pairs(heads=parameters.bucket_heads):
            alike = met[agreement(texts.signatures, met) >= parameters.min_jaccard]
            yield pa.record_batch([alike[:, 0].copy(), alike[:, 1].copy()], schema=_PAIRS)


def _count_pages(session: Session, texts: SignedTexts, is_first: npt.NDArray[np.bool_]) -> None:
    """Table `dedup_sites`: how many pages each site has, versions of one page counted once."""
    sites, n_pages = np.unique(texts.sites[is_first], return_counts=True)
    session.register("dedup_pages", pa.table({"site": sites, "n_pages": n_pages}))
    session.run("CREATE TABLE dedup_sites AS SELECT site, n_pages FROM dedup_pages")


def _ranges(hashes: npt.NDArray[np.uint32]) -> Iterator[tuple[int, int]]:
    """Ranges of values, each holding about PARTITION_HASHES of `hashes` at most.

    Sketches hold more small values than large ones, so the ranges are quantiles of a sample. Where
    they are cut changes nothing in the result.
    """
    n_ranges = len(hashes) // PARTITION_HASHES + 1
    sample = np.sort(hashes[:: max(1, len(hashes) // 65_536)])
    inner = sample[np.arange(1, n_ranges) * len(sample) // n_ranges].tolist()
    yield from pairwise([0, *inner, 1 << 32])


def _join_hashes(
    session: Session,
    texts: SignedTexts,
    is_first: npt.NDArray[np.bool_],
    *,
    bounds: tuple[int, int],
    parameters: DedupParameters,
) -> None:
    hashes = pa.RecordBatchReader.from_batches(_HASHES, _hash_batches(texts, is_first, bounds))
    session.register("dedup_batches", hashes)
    session.run("CREATE OR REPLACE TABLE dedup_hashes AS SELECT * FROM dedup_batches")
    session.run(
        statement("boilerplate"),
        boilerplate_pages=parameters.boilerplate_pages,
        boilerplate_share=parameters.boilerplate_share,
    )
    for batch in session.reader(statement("boilerplate_places")):
        texts.is_boilerplate[batch.column("place").to_numpy()] = True
    session.run(statement("shared_pairs"), bucket_heads=parameters.bucket_heads)


def _hash_batches(
    texts: SignedTexts, is_first: npt.NDArray[np.bool_], bounds: tuple[int, int]
) -> Iterator[pa.RecordBatch]:
    """The hashes within `bounds`, less most of those that occur once and so link nothing."""
    slots = count_slots(np.asarray(texts.hashes), *bounds)
    for chunk in texts.chunks():
        lengths = texts.stops[chunk] - texts.starts[chunk]
        numbers = np.repeat(np.arange(chunk.start, chunk.stop), lengths)
        offsets = np.arange(len(numbers)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        places = texts.starts[numbers] + offsets
        hashes = np.asarray(texts.hashes[places])
        repeats = may_repeat(hashes, *bounds, slots)
        numbers, places = numbers[repeats], places[repeats]
        sites = texts.sites[numbers]
        columns = [
            pa.array(hashes[repeats]), pa.array(numbers), pa.array(sites, mask=sites < 0),
            pa.array(is_first[numbers]), pa.array(places),
        ]  # fmt: skip
        yield pa.record_batch(columns, schema=_HASHES)
