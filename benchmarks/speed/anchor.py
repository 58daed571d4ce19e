"""Asking an anchor of ten million documents for pages that it does not hold.

    python benchmarks/speed/anchor.py

The anchor is synthesised in bounded memory: documents of 100 to 800 shingles with random hashes, so
that no text was ever read for it. Measured in processes of their own, from a warm file cache, with
the compiled code at hand:

open_seconds, rss_open_mib: opening it, and resident memory then, libraries included;
rss_query_mib: peak resident memory of the whole process while it is asked for as many pages, made
of random hashes, 65,536 at a time; given_mib: what those pages take themselves; private_mib and
mapped_mib: what stays of it after asking, outside files (pages included) and in files (libraries
included);
sign_us, query_us: CPU time per page of `sign` and of asking, the least of interleaved repeats, over
the same pages of 100 to 450 words; share is their ratio. They are signed 1,024 at a time, as
`score` does: more at once cost up to two thirds more, which is the system handing out memory.
normal_us: of making the normal form, which is not counted.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from measure import record
from synthesis import documents, ids

from provenance import batch as contract
from provenance.dedup.anchor.bloom import BITS_PER_KEY
from provenance.dedup.anchor.build import DOCUMENTS, Chunk, write_segment
from provenance.dedup.anchor.match import candidates, compare
from provenance.dedup.anchor.tables import VERSION, Anchor
from provenance.dedup.anchor.texts import SignedBatch, signed_batch
from provenance.dedup.kernels import probe_level, sketch_level
from provenance.dedup.minhash import sign
from provenance.dedup.parameters import DedupParameters
from provenance.emit.atomic import write_json

CHUNK = 8192
SHINGLES = (100, 801)
#: Pages asked for at once, as `mix --anchor` does.
BATCH = 65_536
#: Pages signed at once, as `score` does.
SIGNED = 1024


def chunks(n_texts: int) -> Iterator[Chunk]:
    """Texts of one length per chunk, one in three hundred of their hashes boilerplate."""
    rng = np.random.default_rng(0)
    for first in range(0, n_texts, CHUNK):
        n = min(CHUNK, n_texts - first)
        signed = random_texts(rng, n)
        yield Chunk(
            documents=rows(np.arange(first, first + n)),
            signed=signed,
            is_boilerplate=rng.random(len(signed.hashes)) < 1 / 300,
            is_boilerplate_probe=np.zeros(len(signed.probes), dtype=np.bool_),
        )


def random_texts(rng: np.random.Generator, n: int) -> SignedBatch:
    """`n` texts of one random length, of which nobody read a word."""
    n_shingles = int(rng.integers(*SHINGLES))
    hashes = sampled(rng, n, n_shingles, sketch_level(n_shingles)).astype(np.uint32)
    wide = sampled(rng, n, n_shingles, probe_level(n_shingles))
    wide |= rng.integers(0, 2**32, wide.shape, dtype=np.uint64) << np.uint64(32)
    return SignedBatch(
        n_shingles=np.full(n, n_shingles, dtype=np.int32),
        bounds=np.arange(n + 1, dtype=np.int64) * hashes.shape[1],
        hashes=hashes.ravel(),
        probe_bounds=np.arange(n + 1, dtype=np.int64) * wide.shape[1],
        probes=np.sort(wide, axis=1).ravel(),
        content=rng.integers(0, 2**64, (n, 2), dtype=np.uint64),
    )


def random_pages(rng: np.random.Generator) -> SignedBatch:
    """BATCH texts of eight lengths."""
    parts = [random_texts(rng, BATCH // 8) for _ in range(8)]
    lengths = [np.concatenate([np.diff(getattr(part, name)) for part in parts])
               for name in ("bounds", "probe_bounds")]  # fmt: skip
    bounds, probe_bounds = (np.concatenate([[0], np.cumsum(each)]) for each in lengths)
    joined = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("n_shingles", "hashes", "probes", "content")
    }
    return SignedBatch(bounds=bounds, probe_bounds=probe_bounds, **joined)


def sampled(rng: np.random.Generator, n: int, n_shingles: int, level: int) -> np.ndarray:
    """Ascending hashes [n, n_shingles >> level] below 2**(32 - level)."""
    values = rng.integers(0, 1 << (32 - level), (n, n_shingles >> level), dtype=np.uint64)
    return np.sort(values, axis=1)


def rows(numbers: np.ndarray) -> pa.RecordBatch:
    """The documents table for texts `numbers`, captured from 2010 on."""
    shown = pc.cast(pa.array(numbers), pa.string())
    columns = {
        "doc_id": ids(numbers),
        "source_uri": pa.array(["archive.warc.gz"] * len(numbers)),
        "source_pos": pa.array(numbers * 5000),
        "record_id": pa.nulls(len(numbers), pa.string()),
        "url": pc.binary_join_element_wise("https://early.example/", shown, ""),
        "captured_at": pa.array(1_262_304_000_000_000 + numbers * 30_000_000).cast(
            contract.TIMESTAMP
        ),
    }
    return pa.RecordBatch.from_arrays([columns[f.name] for f in DOCUMENTS], schema=DOCUMENTS)


def build(root: Path, n_texts: int) -> dict[str, Any]:
    """The anchor at `root`; how large it is."""
    scratch = root / "scratch"
    scratch.mkdir(parents=True)
    facts = {"plan": "synthetic", "n_documents": n_texts, "n_records": n_texts, "n_undated": 0}
    segment = write_segment(
        chunks(n_texts), root / "segments", facts={**facts, "rejects": {}}, scratch=scratch
    )
    write_json(root / "anchor.json", {"version": VERSION, "segments": [segment.digest]})
    return {
        "n_probes": segment.facts["n_probes"],
        "size_gib": round(segment.size_bytes / 2**30, 2),
    }


def pages(n: int) -> pa.LargeStringArray:
    """Texts that the anchor does not hold; of words, so already in normal form."""
    return pa.concat_arrays(list(documents(n, seed=1)))


def ask(anchor: Anchor, batch: SignedBatch) -> int:
    """How many pages are covered."""
    nothing = np.zeros(len(batch.hashes), dtype=np.bool_)
    covered = 0
    for segment in anchor.segments:
        pairs = candidates(segment, batch)
        found = compare(segment, batch, nothing, pairs, DedupParameters())
        covered += int(found.is_covered.sum())
    return covered


def sign_all(texts: pa.LargeStringArray) -> None:
    for first in range(0, len(texts), SIGNED):
        sign(texts.slice(first, SIGNED), num_perm=112)


def ask_all(anchor: Anchor, pages: Sequence[SignedBatch]) -> None:
    for batch in pages:
        ask(anchor, batch)


def batch_of(texts: pa.LargeStringArray) -> SignedBatch:
    signed = sign(texts, num_perm=112)
    content = np.random.default_rng(2).integers(0, 2**64, (len(texts), 2), dtype=np.uint64)
    hashes = pa.FixedSizeBinaryArray.from_buffers(
        contract.DOC_ID, len(texts), [None, pa.py_buffer(content)]
    )
    return signed_batch(signed.n_shingles, signed.sketch, signed.probes, hashes)


def write_pages(folder: Path, n: int) -> None:
    """Batches of random pages, a folder each."""
    rng = np.random.default_rng(1)
    for first in range(0, n, BATCH):
        batch = random_pages(rng)
        place = folder / f"{first:09d}"
        place.mkdir()
        for field in fields(batch):
            np.save(place / f"{field.name}.npy", getattr(batch, field.name))


def measure_memory(root: Path, n: int) -> dict[str, Any]:
    """Opening, then asking for `n` pages, in this process; another one makes the pages."""
    start = time.perf_counter()
    anchor = Anchor.open(root)
    opened = time.perf_counter() - start
    rss = memory_mib("VmHWM")
    covered, given = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        alone("--step", "pages", "--pages", str(n), "--folder", folder)
        for place in sorted(Path(folder).iterdir()):
            # Mapped, so that all of it is gone before the next one comes.
            files = {field.name: place / f"{field.name}.npy" for field in fields(SignedBatch)}
            batch = SignedBatch(**{k: np.load(path, mmap_mode="r") for k, path in files.items()})
            given = max(given, sum(getattr(batch, name).nbytes for name in files))
            batch.hashes.max()  # resident like the rest, though no page is compared
            covered += ask(anchor, batch)
            del batch
    return {
        "open_seconds": round(opened, 4),
        "rss_open_mib": round(rss),
        "rss_query_mib": round(memory_mib("VmHWM")),
        "given_mib": round(given / 2**20),
        "private_mib": round(memory_mib("RssAnon")),
        "mapped_mib": round(memory_mib("RssFile")),
        "covered": covered,
    }


def measure_time(root: Path, n: int, repeats: int) -> dict[str, Any]:
    """Signing and asking, interleaved, CPU microseconds per page."""
    from provenance.text.forms import normal_forms

    texts = pages(n)
    batch = [batch_of(texts.slice(first, BATCH)) for first in range(0, n, BATCH)]
    anchor = Anchor.open(root)
    ask_all(anchor, batch)
    normal_forms(texts.slice(0, 100))
    times: dict[str, list[float]] = {"sign": [], "query": [], "normal": []}
    for _ in range(repeats):
        for name, work in (
            ("normal", lambda: normal_forms(texts)),
            ("sign", lambda: sign_all(texts)),
            ("query", lambda: ask_all(anchor, batch)),
        ):
            start = time.process_time()
            work()
            times[name].append((time.process_time() - start) / n * 1e6)
    least = {name: min(values) for name, values in times.items()}
    return {
        **{f"{name}_us": round(value, 3) for name, value in least.items()},
        "share": round(least["query"] / least["sign"], 4),
        "spread_us": round(max(times["query"]) - min(times["query"]), 3),
        "repeats": repeats,
    }


def memory_mib(name: str) -> float:
    """A line of this process's status; `ru_maxrss` would count what it was forked from."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition(f"{name}:")[2].split()[0]) / 1024


def alone(*arguments: str) -> dict[str, Any]:
    """What this script says when run with `arguments` in a process of its own."""
    command = [sys.executable, __file__, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=10_000_000)
    parser.add_argument("--pages", type=int, default=65_536)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--anchor", type=Path, help="where the anchor is, or is to be left")
    parser.add_argument("--step", choices=["build", "pages", "memory", "time"])
    parser.add_argument("--folder", type=Path, help="where step pages writes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = options.anchor or Path(folder) / "A"
        if options.step == "memory":
            print(json.dumps(measure_memory(root, options.pages)))
        elif options.step == "pages":
            print(json.dumps(write_pages(options.folder, options.pages)))
        elif options.step == "time":
            print(json.dumps(measure_time(root, options.pages, options.repeats)))
        elif options.step == "build":
            print(json.dumps(build(root, options.texts)))
        else:
            given = ["--anchor", str(root), "--pages", str(options.pages)]
            known = root / "built.json"
            if not known.exists():
                built = alone("--step", "build", *given, "--texts", str(options.texts))
                write_json(known, built)
            alone("--step", "memory", "--anchor", str(root), "--pages", "1024")  # compiles
            record(
                "anchor",
                {
                    "texts": options.texts,
                    "bits_per_key": BITS_PER_KEY,
                    **json.loads(known.read_text(encoding="utf-8")),
                    "pages": options.pages,
                    **alone("--step", "memory", *given),
                    **alone("--step", "time", *given, "--repeats", str(options.repeats)),
                },
            )


if __name__ == "__main__":
    main()
