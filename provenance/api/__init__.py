"""The public functions. Each command of the command line calls exactly one of them.

clean    crawl shards -> dataset                                         provenance clean
score    crawl shards -> scored store; or batches -> scored batches      provenance score
mix      scored store + policy -> dataset                                provenance mix
explain  dataset + URL or id -> what happened to it                      provenance explain
calibrate   human texts -> thresholds at a false-positive rate           provenance calibrate
estimate    dataset, or shards -> share of synthetic text                provenance estimate
review   dataset -> documents for people to judge                        provenance review
diff     two datasets -> what entered, what left, and why                provenance diff
prove    dataset + URL or id -> proof of its decision                    provenance prove
sign     dataset + private key -> signature beside the manifest          provenance sign
verify   dataset, proof -> everything that is not as it was written      provenance verify
bench    labelled texts + detectors -> what they are worth               provenance bench

anchor_build, anchor_add, anchor_merge, anchor_info, anchor_query        provenance anchor ...
score_texts                   list of strings -> scores and readings     (the library alone)
keyring_fit                                                              provenance keyring fit
review_import                                                            provenance review import

train    labelled texts + configuration -> detector                      provenance train
"""

from __future__ import annotations

from provenance.api.anchors import (
    AnchorResult,
    anchor_add,
    anchor_build,
    anchor_info,
    anchor_merge,
    anchor_query,
)
from provenance.api.datasets import CleanResult, ScoreResult, clean, mix, score
from provenance.api.learning import train
from provenance.api.papers import prove, sign, verify
from provenance.api.policies import policy_check, policy_init, policy_schema
from provenance.api.questions import diff, estimate, explain, review, review_import
from provenance.dedup.anchor.ask import AnchorMatch
from provenance.emit.proof import Proof
from provenance.engines.bench.layouts import NamedColumns
from provenance.engines.bench.public import bench
from provenance.engines.bench.run import BenchResult
from provenance.engines.calibrate import Calibrated, calibrate
from provenance.engines.diff import Difference
from provenance.engines.estimate import Estimates
from provenance.engines.keyring import NullsResult, keyring_fit
from provenance.engines.review import Review
from provenance.engines.texts import TextScorer, TextScores, score_texts
from provenance.engines.train import TrainResult
from provenance.engines.verdicts import Verdicts
from provenance.engines.verify import Verification
from provenance.report.explain import Explanation

__all__ = [
    "AnchorMatch",
    "AnchorResult",
    "BenchResult",
    "Calibrated",
    "CleanResult",
    "Difference",
    "Estimates",
    "Explanation",
    "NamedColumns",
    "NullsResult",
    "Proof",
    "Review",
    "ScoreResult",
    "TextScorer",
    "TextScores",
    "TrainResult",
    "Verdicts",
    "Verification",
    "anchor_add",
    "anchor_build",
    "anchor_info",
    "anchor_merge",
    "anchor_query",
    "bench",
    "calibrate",
    "clean",
    "diff",
    "estimate",
    "explain",
    "keyring_fit",
    "mix",
    "policy_check",
    "policy_init",
    "policy_schema",
    "prove",
    "review",
    "review_import",
    "score",
    "score_texts",
    "sign",
    "train",
    "verify",
]
