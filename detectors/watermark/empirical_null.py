"""What one key's scores are on human text: the null distribution that a corpus shares.

A p value of the other modules is exact over keys: that of a text which was there before the key was
drawn. Who reads a crawl with one key draws it once. Texts of a language share common n-grams, so
that all of them have some of the key's luck: their normal scores have another mean than 0 and, as
far as they share the luck, a variance below 1 (over keys both add up to what is exact). Efron,
Large-Scale Simultaneous Hypothesis Testing: The Choice of a Null Hypothesis (2004), fits such a
null to the data. Here it is fitted to human texts of one language that were set aside:

    score = mean + slope * (root of the scored tokens - center) + error

and a p value is that of the regression's prediction interval, a Student t distribution, which pays
for the size of the reference and for lengths that it did not have. Luck that is the same for all
lengths has no slope; luck of every token alike would have no mean at length 0; real luck lies
between, for long texts repeat what is common.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from detectors.watermark.tails import log_student_tail, normal_score

Float64: TypeAlias = NDArray[np.float64]
#: ln p [m] over keys and the scored tokens [m] of each to ln p [m] under one key.
Adjust: TypeAlias = Callable[[Float64, Float64], Float64]

#: Human texts of a language below which it has no null of its own.
MIN_TEXTS: Final = 50
#: No text is so unlike the reference that its p value over keys would be wrong, and where one in so
#: many is unlike it, false alarms at most double.
_MOST_GAIN: Final = 10.0
#: Standard errors from 1 within which a variance is taken for 1, which it is for most schemes.
_ERRORS: Final = 2.576  # 99 %


@dataclass(frozen=True, slots=True)
class EmpiricalNull:
    """The regression of `n_texts` normal scores on the roots of their scored tokens.

    spread: sum of the squares of the roots about their mean `center`. variance: of the errors.
    """

    n_texts: int
    mean: float
    slope: float
    center: float
    spread: float
    variance: float

    def log_p(self, log_p: Float64, counts: Float64) -> Float64:
        """ln p under this key, of ln p over keys; at least a tenth of that p."""
        roots = np.sqrt(counts) - self.center
        variance = self.variance * (1.0 + 1.0 / self.n_texts + roots**2 / self.spread)
        errors = normal_score(log_p) - self.mean - self.slope * roots
        fitted = log_student_tail(errors / np.sqrt(variance), self.n_texts - 2.0)
        adjusted: Float64 = np.maximum(fitted, log_p - math.log(_MOST_GAIN))
        return adjusted


@dataclass(frozen=True, slots=True)
class Nulls:
    """The nulls of one key by language, ISO 639-1."""

    languages: Mapping[str, EmpiricalNull]

    def of(self, lang: str | None) -> Adjust:
        """The adjustment for a text of that language.

        A language without a null of its own has the least favourable of all, the exact one too.
        """
        own = self.languages.get(lang or "")
        return self._least_favourable if own is None else own.log_p

    def _least_favourable(self, log_p: Float64, counts: Float64) -> Float64:
        every = [log_p, *(one.log_p(log_p, counts) for one in self.languages.values())]
        largest: Float64 = np.max(every, axis=0)
        return largest


def fit_null(scores: Float64, counts: Float64) -> EmpiricalNull:
    """The null of one key, from the normal scores [n] of human texts and their scored tokens [n].

    Raises ValueError for fewer than MIN_TEXTS.
    """
    n = len(scores)
    if n < MIN_TEXTS:
        raise ValueError(f"{n} texts are too few: a null takes {MIN_TEXTS}")
    roots = np.sqrt(counts)
    center, mean = float(roots.mean()), float(scores.mean())
    about = roots - center
    spread = max(float(about @ about), 1e-9)  # texts of one length: others cannot be judged
    slope = float(about @ scores) / spread
    errors = scores - mean - slope * about
    variance = float(errors @ errors) / (n - 2)
    doubt = _ERRORS * math.sqrt(2.0 / (n - 2))
    settled = min(max(1.0, variance * (1.0 - doubt)), variance * (1.0 + doubt))
    return EmpiricalNull(n, mean, slope, center, spread, max(settled, 1e-9))
