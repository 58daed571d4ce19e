"""The probe, alone and beside the embedded detectors, on data sets that none was trained on.

    python benchmarks/quality/probe_states.py STATES
    python benchmarks/quality/combined_probe.py STATES --asked DIR

As `combined.py` does it, of which it adds rows to combined.csv: each file is held out of every
member in turn, and the fusion of them is fitted on the other files. Protocol `probe`: at most 200
texts of each label and file, of at most 150 words. `probed` = linear, stylometry and probe. The
mean states of these texts are kept in --asked.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from combined import COLUMNS, FILES, Most, Scores, append, embedded_texts, rows, with_fusions
from corpora import labelled_sets
from held_out import EMBEDDED, HERE, Asked, Pool, style_judge
from nested import style_choices
from probe_fit import AskedStates, ProbePool
from probe_states import read

from provenance.engines.train import load_config

MOST = Most(human=200, ai=200, words=150)


def judged(
    asked: Mapping[str, Sequence[Asked]], pool: Pool, probes: ProbePool
) -> dict[str, Scores]:
    """Per file and member: scores by models that never saw the file."""
    styles = style_choices(asked, pool)
    trained_on = {one.dataset for one in pool.examples}
    linear = cache(lambda held: pool.linear_judge(lambda one: one.dataset != held))
    probe = cache(lambda held: probes.judge(lambda one: one.dataset != held))
    made: dict[str, Scores] = {}
    for name in FILES:
        held = name if name in trained_on else None
        style = pool.style_model(lambda one, n=name: one.dataset != n, styles[name])
        judges = {"linear": linear(held), "stylometry": style_judge(style), "probe": probe(held)}
        made[name] = {member: judge(asked[name]) for member, judge in judges.items()}
        print(name, flush=True)
    return made


def main() -> None:
    """Measure the protocol `probe`."""
    parser = argparse.ArgumentParser(prog="combined_probe.py")
    parser.add_argument("states", type=Path, help="folder of parts of probe_states.py")
    parser.add_argument("--asked", type=Path, required=True, help="folder for the texts asked")
    parser.add_argument("--max-per-group", type=int, default=600, help="texts trained on")
    given = parser.parse_args()
    sets = dict(labelled_sets(Path(os.environ["PROVENANCE_DATA"])))
    asked, states = embedded_texts(sets, MOST), AskedStates(given.asked)
    states.of([one for of_file in asked.values() for one in of_file])
    configs = {name: load_config(HERE / f"{name}.yaml") for name in EMBEDDED}
    pool = Pool(sets, configs, given.max_per_group)
    scores = judged(asked, pool, ProbePool(read(given.states), states))
    with_fusions(asked, scores)
    made = rows("probe", asked, scores)
    append(HERE / "combined.csv", COLUMNS, made, max_per_group=given.max_per_group)


if __name__ == "__main__":
    main()
