"""Keeps AI-generated text out of training data: crawl in, provenance-tiered dataset out.

    import provenance

    provenance.clean(["crawl/"], policy="policy.yaml", out="clean/")

The public functions live in `provenance.api`; they are loaded on first use, so that importing the
package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from provenance.api import (
        AnchorMatch,
        AnchorResult,
        BenchResult,
        Calibrated,
        CleanResult,
        Difference,
        Estimates,
        Explanation,
        NamedColumns,
        NullsResult,
        Proof,
        Review,
        ScoreResult,
        TextScorer,
        TextScores,
        TrainResult,
        Verdicts,
        Verification,
        anchor_add,
        anchor_build,
        anchor_info,
        anchor_merge,
        anchor_query,
        bench,
        calibrate,
        clean,
        diff,
        estimate,
        explain,
        keyring_fit,
        mix,
        prove,
        review,
        review_import,
        score,
        score_texts,
        sign,
        train,
        verify,
    )
    from provenance.errors import (
        InputError,
        OutputError,
        PlanError,
        PolicyError,
        ProvenanceError,
        RequestError,
        RunError,
    )

__all__ = [
    "AnchorMatch",
    "AnchorResult",
    "BenchResult",
    "Calibrated",
    "CleanResult",
    "Difference",
    "Estimates",
    "Explanation",
    "InputError",
    "NamedColumns",
    "NullsResult",
    "OutputError",
    "PlanError",
    "PolicyError",
    "Proof",
    "ProvenanceError",
    "RequestError",
    "Review",
    "RunError",
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
    "prove",
    "review",
    "review_import",
    "score",
    "score_texts",
    "sign",
    "train",
    "verify",
]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'provenance' has no attribute {name!r}")
    from importlib import import_module

    home = "provenance.errors" if name.endswith("Error") else "provenance.api"
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
