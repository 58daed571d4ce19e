"""The probe on texts of today's chat models, with families of generators held out.

    python benchmarks/quality/probe_states.py STATES
    python benchmarks/quality/modern_probe.py STATES --asked DIR

As `modern.py` does it, of which it adds rows to modern.csv: a text is scored by detectors that saw
neither its family of generators nor its source. Protocol `probe`: the first 150 words of at most 10
texts of a generator, and of as many of a source as there. `probed` = linear, stylometry and probe.
The mean states of these texts are kept in --asked.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from combined import append
from corpora import labelled_sets
from held_out import EMBEDDED, HERE, Pool
from modern import (
    COLUMNS,
    LENGTHS,
    N_FOLDS,
    chosen,
    cut_words,
    folds,
    is_kept,
    judged,
    rows,
    with_fusions,
)
from probe_fit import AskedStates, ProbePool
from probe_states import read

from provenance.engines.train import load_config

PER_GENERATOR = 10


def main() -> None:
    """Measure the protocol `probe`."""
    parser = argparse.ArgumentParser(prog="modern_probe.py")
    parser.add_argument("states", type=Path, help="folder of parts of probe_states.py")
    parser.add_argument("--asked", type=Path, required=True, help="folder for the texts asked")
    parser.add_argument("--max-per-group", type=int, default=600, help="texts trained on")
    given = parser.parse_args()
    sets = dict(labelled_sets(Path(os.environ["PROVENANCE_DATA"])))
    everything = [one for some in sets.values() for one in some]
    examples = chosen(everything, per_generator=PER_GENERATOR)
    asked, dealt = cut_words(examples, LENGTHS[0]), folds(examples)
    states = AskedStates(given.asked)
    states.of(asked)
    configs = {name: load_config(HERE / f"{name}.yaml") for name in EMBEDDED}
    pool = Pool(sets, configs, given.max_per_group)
    probes = ProbePool(read(given.states), states)
    judges = [
        pool.judges(lambda one, k=fold: is_kept(one, k, dealt))
        | {"probe": probes.judge(lambda one, k=fold: is_kept(one, k, dealt))}
        for fold in range(N_FOLDS)
    ]
    scores = with_fusions(asked, judged(asked, judges, dealt), dealt)
    made = rows("probe", LENGTHS[0], asked, scores)
    append(HERE / "modern.csv", COLUMNS, made, max_per_group=given.max_per_group)


if __name__ == "__main__":
    main()
