"""The quality statistics of texts: what published filters measure, without their verdicts.

A word is what `str.split` gives. Sources, whose definitions are followed to the letter:

- Gopher: Rae et al. 2021 (arXiv:2112.11446), appendix A1.1: rules of quality and of repetition;
- C4: Raffel et al. 2020 (JMLR 21, 140), section 2.2, with the rules that only its code has:
  citations are cut off, lines with a word beyond 1,000 characters or about cookies are left out;
- FineWeb: Penedo et al. 2024 (arXiv:2406.17557), section 3.6.

Every value is a number, never a verdict: thresholds belong to the policy.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

#: What the source keeps, of each statistic of stage quality: at least, at most.
KEPT: Final[dict[str, tuple[float, float]]] = {
    "quality_words": (50, 100_000),
    "quality_mean_word_length": (3, 10),
    "quality_hashes": (0, 0.1),
    "quality_ellipses": (0, 0.1),
    "quality_bullet_lines": (0, 0.9),
    "quality_ellipsis_lines": (0, 0.3),
    "quality_alphabetic_words": (0.8, 1),
    "quality_stop_words": (2, 8),
    "quality_duplicate_lines": (0, 0.3),
    "quality_duplicate_line_chars": (0, 0.2),
    "quality_duplicate_paragraphs": (0, 0.3),
    "quality_duplicate_paragraph_chars": (0, 0.2),
    "quality_top_2_gram": (0, 0.2),
    "quality_top_3_gram": (0, 0.18),
    "quality_top_4_gram": (0, 0.16),
    "quality_duplicate_5_grams": (0, 0.15),
    "quality_duplicate_6_grams": (0, 0.14),
    "quality_duplicate_7_grams": (0, 0.13),
    "quality_duplicate_8_grams": (0, 0.12),
    "quality_duplicate_9_grams": (0, 0.11),
    "quality_duplicate_10_grams": (0, 0.1),
    "quality_c4_lines": (0, 1),
    "quality_c4_sentences": (5, np.inf),
    "quality_lorem_ipsum": (0, 0),
    "quality_curly_bracket": (0, 0),
    "quality_terminal_lines": (0.12, 1),
    "quality_short_lines": (0, 0.67),
    "quality_duplicate_chars": (0, 0.01),
    "quality_line_breaks": (0, 0.3),
}

NAMES: Final = tuple(KEPT)

_KEPT_FROM: Final = np.array([low for low, _ in KEPT.values()], dtype=np.float32)
_KEPT_TO: Final = np.array([high for _, high in KEPT.values()], dtype=np.float32)


def measure(texts: pa.LargeStringArray) -> npt.NDArray[np.float32]:
    """The statistics of every text, in the order of NAMES: float32 [n, len(NAMES)].

    A row is NaN where the text is null or holds no word.
    """
    # Compiling, or reading the compiled code, is paid for by who measures, not by who imports.
    from provenance.text.quality.characters import character_table  # noqa: PLC0415
    from provenance.text.quality.kernels import measure_texts  # noqa: PLC0415

    rows = np.full((len(texts), len(NAMES)), np.nan, dtype=np.float32)
    whole = texts.fill_null("") if texts.null_count else texts
    if len(whole):
        _, offsets, data = whole.buffers()
        bounds = np.frombuffer(offsets, dtype=np.int64)[whole.offset :][: len(whole) + 1]
        held = np.frombuffer(data, dtype=np.uint8) if data else np.zeros(0, dtype=np.uint8)
        measure_texts(held, bounds, character_table(), rows)
    return rows


def passed(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The share of the statistics that lie where their source keeps a text: float32 [n].

    NaN where nothing was measured.
    """
    within = ((rows >= _KEPT_FROM) & (rows <= _KEPT_TO)).mean(axis=1, dtype=np.float32)
    return np.where(np.isnan(rows[:, 0]), np.float32(np.nan), within)
