"""The linear detector's fast path, its limits and the form it reads."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.classifier.linear import LinearDetector, scored_bytes
from detectors.kernels.documents import LIMIT_BYTES

TEXT = 'It is important to note that "quality" matters -- always, and for everyone\'s sake. ' * 9


@pytest.fixture(scope="module")
def detector() -> LinearDetector:
    return LinearDetector()


def test_abstentions_are_nan_with_a_reason(detector: LinearDetector) -> None:
    values, n_tokens, reasons = detector.score_many(["", "three words only", TEXT])

    assert np.isnan(values).tolist() == [True, True, False]
    assert n_tokens.tolist() == [0, 3, 117]
    assert reasons == ["degenerate", "too_short", None]


def test_an_empty_batch_gives_empty_arrays(detector: LinearDetector) -> None:
    values, n_tokens, reasons = detector.score_many([])

    assert (values.dtype, values.shape, n_tokens.dtype, reasons) == (np.float32, (0,), np.int32, [])


@pytest.mark.parametrize(
    "form",
    [
        TEXT.upper(),
        TEXT.replace(" ", "\n\n  "),
        TEXT.replace('"', "”").replace("'", "’"),
        TEXT.replace("--", "—"),
        TEXT.replace("important", "**important**"),
        "\u200b".join(TEXT),
        "# " + TEXT,
        "\n- " + TEXT,
        TEXT.replace("matters", "m\u0430tt\u0435rs"),
    ],
    ids=["case", "spaces", "quotes", "dashes", "bold", "hidden", "heading", "list", "homoglyphs"],
)
def test_form_does_not_move_the_score(detector: LinearDetector, form: str) -> None:
    assert detector.score([form])[0].value == detector.score([TEXT])[0].value


def test_long_text_is_cut_at_a_whole_character() -> None:
    data, bounds = scored_bytes(["é" * 50_000, "ok"])

    assert bounds.tolist() == [0, LIMIT_BYTES, LIMIT_BYTES + 2]
    assert bytes(data[:LIMIT_BYTES]).decode() == "é" * (LIMIT_BYTES // 2)


def test_scores_are_not_clamped(detector: LinearDetector) -> None:
    values, _, _ = detector.score_many([f"{TEXT} {word}" for word in ("a", "dog", "ran", "why")])

    assert len(set(values.tolist())) == 4
