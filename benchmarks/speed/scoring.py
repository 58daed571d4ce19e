"""Documents per second and core of detectors that need no language model.

    python benchmarks/speed/scoring.py linear encoder

Documents are human and machine texts cut to 2,000 characters. Rounds interleave; each figure is the
least CPU time of its rounds on one thread, loading left out. Another process on the same physical
core makes it less.
"""

from __future__ import annotations

import argparse
import time

import measure
import pyarrow.parquet as pq
import torch

from detectors.registry import detector_class

ROUNDS = 5
CHARACTERS = 2000


def documents(n: int) -> list[str]:
    """`n` texts of at least 2,000 characters, cut to that."""
    found: list[str] = []
    for name in ("outfox", "modern_wildbench", "modern_slop_score"):
        path = measure.data_folder() / "detection" / f"{name}.parquet"
        texts = pq.read_table(path, columns=["text"]).column("text").to_pylist()
        found += [text[:CHARACTERS] for text in texts if len(text) >= CHARACTERS][: n // 3]
    return found


def main() -> None:
    """Measure and append one row per detector."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("detectors", nargs="+")
    parser.add_argument("--documents", type=int, default=120)
    given = parser.parse_args()
    torch.set_num_threads(1)
    texts = documents(given.documents)
    made = {name: detector_class(name)() for name in given.detectors}
    seconds: dict[str, list[float]] = {name: [] for name in made}
    for detector in made.values():
        detector.score(texts[:3])  # compiled code is loaded
    for _ in range(ROUNDS):
        for name, detector in made.items():
            start = time.process_time()
            detector.score(texts)
            seconds[name].append(time.process_time() - start)
    for name, rounds in seconds.items():
        measure.record(
            "scoring",
            {
                "torch": torch.__version__,
                "detector": f"{name} {made[name].spec.version}",
                "documents": len(texts),
                "characters": CHARACTERS,
                "documents_per_second_and_core": round(len(texts) / min(rounds), 1),
                "slowest_round": round(len(texts) / max(rounds), 1),
            },
        )


if __name__ == "__main__":
    main()
