"""Mean states of the texts that the probe is trained and calibrated on, kept in parts.

    python benchmarks/quality/probe_states.py OUT

Of every source of human text and every generator of a set that the linear detector may be trained
on, 40 texts; of dated human sources 60 more, since a rate of 1 % cannot be told from fewer. One
pass over the beginning of a text serves every length of LENGTHS that it reaches, and its own.
"""

from __future__ import annotations

import argparse
import os
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from corpora import labelled_sets
from held_out import HERE

from detectors.classifier.augment import with_typos
from detectors.classifier.examples import Example
from detectors.classifier.middle import MiddleStates
from detectors.classifier.probe import MOST_TOKENS, Probe, form_of, installed_states
from detectors.classifier.training import Config, select
from provenance.engines.train import load_config

PER_GROUP, MORE_HUMAN = 40, 60
LENGTHS = (64, 96, 128, 160, 192, 256, 320, MOST_TOKENS)
#: Most machine texts are read no further; texts of both labels reach every length.
SHORT, LONG_SHARE = 192, 0.25
PART_TEXTS = 64
MISTYPED_EVERY, MISTYPED_WORDS = 8, 0.2
FIELDS = ("text", "label", "language", "dataset", "source", "generator", "domain", "attack")
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in FIELDS),
        ("lengths", pa.list_(pa.int32())),
        ("states", pa.binary()),
        ("mistyped", pa.binary()),
    ]
)


@dataclass(frozen=True, slots=True)
class StatesOfText:
    """A text, the numbers of its first tokens that were read, and their mean states [k, D].

    mistyped: the state of its first SHORT tokens, or of all, when it has typing errors: [D].
    """

    example: Example
    lengths: tuple[int, ...]
    states: np.ndarray
    mistyped: np.ndarray | None = None

    @property
    def short(self) -> int:
        """The place of the state that `mistyped` is to be compared with."""
        return max(k for k, n in enumerate(self.lengths) if n <= SHORT)


def sample(sets: Mapping[str, Sequence[Example]], config: Config) -> list[tuple[Example, int]]:
    """The texts, in random order, and how many tokens of each are read at most."""
    everything = [one for some in sets.values() for one in some]
    first = select(everything, replace(config, max_per_group=PER_GROUP))
    more = _more_human(everything, first, config)
    rng = random.Random(1)
    chosen = [
        (one, MOST_TOKENS if not one.is_ai or rng.random() < LONG_SHARE else SHORT) for one in first
    ]
    rng.shuffle(chosen)
    return chosen + [(one, LENGTHS[-3]) for one in more]


def _more_human(
    examples: Iterable[Example], first: Sequence[Example], config: Config
) -> list[Example]:
    known = {one.text for one in first}
    human = [
        one
        for one in examples
        if not one.is_ai and one.text not in known and one.unit not in config.cell_rule.undated
    ]
    more = select(human, replace(config, max_per_group=MORE_HUMAN))
    random.Random(2).shuffle(more)
    return more


def write(texts: Sequence[tuple[Example, int]], out: Path, states: MiddleStates) -> None:
    """Read the texts part by part; parts that are there are left as they are."""
    out.mkdir(parents=True, exist_ok=True)
    for number in range(0, len(texts), PART_TEXTS):
        path = out / f"part-{number // PART_TEXTS:04d}.parquet"
        if path.exists():
            continue
        rows = _rows(texts[number : number + PART_TEXTS], states)
        pq.write_table(pa.Table.from_pylist(list(rows), SCHEMA), path.with_suffix(".tmp"))
        path.with_suffix(".tmp").rename(path)
        print(f"{number + PART_TEXTS} of {len(texts)}", flush=True)


def _rows(texts: Sequence[tuple[Example, int]], states: MiddleStates) -> Iterator[dict[str, Any]]:
    ids = states.encode([form_of(one.text) for one, _ in texts])
    for i, ((one, most), tokens) in enumerate(zip(texts, ids, strict=True)):
        n = min(len(tokens), most)
        if n >= Probe.spec.min_tokens:
            lengths = sorted({*(length for length in LENGTHS if length <= n), n})
            found = states.means(tokens, lengths).astype(np.float16)
            row = {name: getattr(one, name) for name in FIELDS}
            mistyped = None if i % MISTYPED_EVERY else _mistyped(one.text, states)
            yield row | {"lengths": lengths, "states": found.tobytes(), "mistyped": mistyped}


def _mistyped(text: str, states: MiddleStates) -> bytes | None:
    rng = random.Random(text)
    (ids,) = states.encode([form_of(with_typos(text, rng=rng, share=MISTYPED_WORDS))])
    n = min(len(ids), SHORT)
    enough = n >= Probe.spec.min_tokens
    return states.means(ids, [n])[0].astype(np.float16).tobytes() if enough else None


def read(folder: Path) -> list[StatesOfText]:
    """The texts of every part."""
    parts = sorted(folder.glob("part-*.parquet"))
    return [_of_row(row) for part in parts for row in pq.read_table(part).to_pylist()]


def _of_row(row: Mapping[str, Any]) -> StatesOfText:
    example = Example(**{name: row[name] for name in FIELDS})
    lengths, mistyped = tuple(row["lengths"]), row["mistyped"]
    states = _floats(row["states"]).reshape(len(lengths), -1)
    return StatesOfText(example, lengths, states, None if mistyped is None else _floats(mistyped))


def _floats(stored: bytes) -> np.ndarray:
    return np.frombuffer(stored, np.float16).astype(np.float64)


def main() -> None:
    """Read what was asked for."""
    parser = argparse.ArgumentParser(prog="probe_states.py")
    parser.add_argument("out", type=Path)
    out = parser.parse_args().out
    sets = dict(labelled_sets(Path(os.environ["PROVENANCE_DATA"])))
    write(sample(sets, load_config(HERE / "linear.yaml")), out, installed_states())


if __name__ == "__main__":
    main()
