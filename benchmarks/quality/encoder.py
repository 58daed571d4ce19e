"""Quality of the encoder: on sets never trained on, and on what its folds held out.

    python benchmarks/quality/encoder.py              # the shipped model on never-trained sets
    python benchmarks/quality/encoder.py --held-out   # the folds' models, trained again

As `linear.py`, with the same columns, on at most 200 texts of each label and language of a set.
`oracle_` columns are at thresholds of the set's own human texts. Checkpoints of the folds are kept
in --checkpoints and gone on from.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from linear import HERE, append, held_out, never_trained

from detectors.classifier.encoder import EncoderDetector
from provenance.engines.train import load_config

MOST = 200


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="encoder.py")
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--checkpoints", type=Path)
    asked = parser.parse_args()
    data, detector = Path(os.environ["PROVENANCE_DATA"]), EncoderDetector()
    if asked.held_out:
        config = load_config(HERE / "encoder.yaml")
        measured = held_out(data, config, most=MOST, checkpoints=asked.checkpoints)
        append(measured, detector, "held_out")
    else:
        append(never_trained(detector, data, most=MOST), detector, "never_trained")


if __name__ == "__main__":
    main()
