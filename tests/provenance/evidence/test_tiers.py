"""Which evidence puts a document in which tier."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from provenance.batch import EVIDENCE
from provenance.evidence.tiers import grade
from provenance.evidence.weighing import weigh

NAN = float("nan")


@pytest.mark.parametrize(
    ("early", "copied", "source", "tail", "p", "expected"),
    [
        (True, False, None, 0.001, 0.9, (1, "captured_before_cutoff")),
        (False, True, None, 0.001, 0.9, (1, "earlier_copy_before_cutoff")),
        (False, False, "verified_book", 0.001, 0.9, (1, "verified_book")),
        (False, False, "peer_reviewed", NAN, 0.2, (1, "peer_reviewed")),
        (False, False, None, 0.01, 0.9, (0, "detected_synthetic")),
        (False, False, "partner", 0.01, 0.9, (0, "detected_synthetic")),
        (False, False, None, 0.01, 0.4, (3, "uncertain")),
        (False, False, "partner", 0.5, 0.1, (2, "partner")),
        (False, False, "social", 0.5, 0.1, (3, "social")),
        (False, False, None, 0.5, 0.1, (2, "cleared_by_detection")),
        (False, False, "web", 0.5, 0.1, (2, "cleared_by_detection")),
        (False, False, None, 0.02, 0.6, (3, "uncertain")),
        (False, False, None, NAN, 0.25, (3, "detectors_abstained")),
    ],
)
def test_the_first_rule_that_holds_decides(
    early: bool, copied: bool, source: str | None, tail: float, p: float, expected: tuple[int, str]
) -> None:
    tiers = grade(
        captured_early=np.array([early]),
        copied_early=np.array([copied]),
        source_class=[source],
        evidence=weigh(pa.array([[]], type=EVIDENCE)),
        human_tail=np.array([tail]),
        p_synthetic=np.array([p]),
        false_positive_rate=0.01,
    )

    assert (int(tiers.tier[0]), tiers.reason[0]) == expected
