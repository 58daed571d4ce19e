"""Scores of all texts, kept as they come in OUT/scores, so that a bench that was killed goes on.

OUT/scores/FINGERPRINT/N.parquet: hash of the text, value (null: abstained), n_tokens, reason. The
metadata holds the seconds that they took. Scores are raw float64: never clamped, never rounded.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from detectors.protocol import Detector, Score
from provenance.emit.atomic import replacing
from provenance.emit.canonical import canonical_json
from provenance.engines.bench.contestants import Contestant
from provenance.engines.bench.corpus import Corpus

#: Texts that a detector is given at once.
CHUNK: Final = 64
#: A detector that raises on so many texts in a row is given no more.
PATIENCE: Final = 50
NOT_FINITE: Final = "not_finite"
RAISED: Final = "raised"
_FLUSH_SECONDS: Final = 20.0
_FLUSH_TEXTS: Final = 50_000

_SCHEMA: Final = pa.schema(
    [
        pa.field("hash", pa.uint64(), nullable=False),
        pa.field("value", pa.float64()),
        pa.field("n_tokens", pa.int32(), nullable=False),
        pa.field("reason", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Failure:
    """What a detector raised: on how many texts, the first one's id, and the message."""

    n_texts: int
    id: str
    message: str


@dataclass(slots=True)
class Scores:
    """A detector's scores of the distinct texts of a corpus, [n_texts].

    value: float64, NaN = none. n_tokens: int32. reason: why there is no score, by text number.
    failure: of the texts whose reason is RAISED; given_up: because of it the rest were not tried.
    seconds, n_timed: spent on so many texts.
    """

    value: NDArray[np.float64]
    n_tokens: NDArray[np.int32]
    reason: dict[int, str] = field(default_factory=dict)
    failure: Failure | None = None
    given_up: bool = False
    seconds: float = 0.0
    n_timed: int = 0
    tokens_timed: int = 0

    def of(self, corpus: Corpus) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """value and n_tokens of every text of the corpus, [n]."""
        return self.value[corpus.text], self.n_tokens[corpus.text]

    @classmethod
    def empty(cls, n: int) -> Scores:
        return cls(np.full(n, np.nan), np.zeros(n, np.int32))


def score_corpus(
    corpus: Corpus,
    contestants: Sequence[Contestant],
    folder: Path,
    *,
    progress: Callable[[int], object] | None = None,
) -> list[Scores]:
    """The scores of each contestant; what `folder` holds already is not scored again.

    progress: called with the number of texts done since.
    """
    runs = [_Run(corpus, one, folder) for one in contestants]
    if any(run.pending.any() for run in runs):
        for numbers, texts in corpus.batches():
            for start in range(0, len(numbers), CHUNK):
                chunk = numbers[start : start + CHUNK]
                for run in runs:
                    run.take(chunk, texts[start : start + CHUNK])
                if progress:
                    progress(len(chunk))
    return [run.finish() for run in runs]


def folder_name(fingerprint: dict[str, Any]) -> str:
    """The folder of the scores of a fingerprint."""
    detector = "".join(c if c.isalnum() else "_" for c in str(fingerprint["detector"]))[:40]
    digest = hashlib.blake2b(canonical_json(fingerprint).encode(), digest_size=8).hexdigest()
    return f"{detector}-{digest}"


class _Run:
    """One detector's way through the corpus."""

    def __init__(self, corpus: Corpus, contestant: Contestant, folder: Path) -> None:
        self._corpus, self._contestant = corpus, contestant
        self._folder = folder / folder_name(contestant.scored_by)
        self.scores = Scores.empty(corpus.n_texts)
        self.pending = np.ones(corpus.n_texts, bool)
        self._load()
        self._rows: list[tuple[int, Score]] = []
        self._flushed = time.monotonic()
        self._seconds = 0.0
        self._failed: list[tuple[int, str]] = []
        self._in_a_row = 0

    def take(self, numbers: NDArray[np.int64], texts: Sequence[str]) -> None:
        """Score those of the texts that are pending."""
        wanted = np.flatnonzero(self.pending[numbers]).tolist()
        if not wanted or self._in_a_row >= PATIENCE:
            return
        self._score(numbers[wanted], [texts[k] for k in wanted])
        late = time.monotonic() - self._flushed > _FLUSH_SECONDS
        if late or len(self._rows) >= _FLUSH_TEXTS:
            self._flush()

    def finish(self) -> Scores:
        """Everything, with what was raised."""
        self._flush()
        given_up = np.flatnonzero(self.pending).tolist() if self._failed else []
        failed = dict.fromkeys([*(number for number, _ in self._failed), *given_up], RAISED)
        self.scores.reason |= failed
        if self._failed:
            number, message = self._failed[0]
            first = self._corpus.ids[int(np.flatnonzero(self._corpus.text == number)[0])]
            self.scores.failure = Failure(len(failed), first, message)
            self.scores.given_up = self._in_a_row >= PATIENCE
        return self.scores

    def _score(self, numbers: NDArray[np.int64], texts: Sequence[str]) -> None:
        model = self._contestant.model
        charged = model.charged_seconds if model else 0.0
        start = time.perf_counter()
        try:
            found: list[Score | None] = [*checked_scores(self._contestant.detector, texts)]
        except Exception:  # whatever a plug-in raises: the texts are tried one by one
            found = self._one_by_one(numbers, texts)
        spent = time.perf_counter() - start
        if model:
            spent += model.charged_seconds - charged
        self._seconds += spent
        for number, score in zip(numbers.tolist(), found, strict=True):
            if score is not None:
                self._keep(number, score)
                self._rows.append((number, score))

    def _one_by_one(self, numbers: NDArray[np.int64], texts: Sequence[str]) -> list[Score | None]:
        found: list[Score | None] = []
        for number, text in zip(numbers.tolist(), texts, strict=True):
            score = None
            if self._in_a_row < PATIENCE:
                try:
                    (score,) = checked_scores(self._contestant.detector, [text])
                    self._in_a_row = 0
                except Exception as error:  # whatever a plug-in raises
                    self._failed.append((number, f"{type(error).__name__}: {error}"[:300]))
                    self._in_a_row += 1
            found.append(score)
        return found

    def _keep(self, number: int, score: Score) -> None:
        self.pending[number] = False
        self.scores.n_tokens[number] = score.n_tokens
        if score.value is None:
            self.scores.reason[number] = score.reason or "abstained"
        else:
            self.scores.value[number] = score.value

    def _flush(self) -> None:
        if self._rows:
            self._folder.mkdir(parents=True, exist_ok=True)
            metadata = json.dumps({
                "fingerprint": self._contestant.fingerprint, "seconds": self._seconds
            })  # fmt: skip
            part = self._folder / f"{len(list(self._folder.glob('*.parquet'))):05d}.parquet"
            with replacing(part) as temporary:
                pq.write_table(
                    self._table().replace_schema_metadata({"bench": metadata}), temporary
                )
            self._time(len(self._rows), sum(one.n_tokens for _, one in self._rows), self._seconds)
        self._rows, self._seconds, self._flushed = [], 0.0, time.monotonic()

    def _table(self) -> pa.Table:
        hashes = self._corpus.hashes[[number for number, _ in self._rows]]
        scores = [score for _, score in self._rows]
        return pa.table(
            [
                hashes,
                [score.value for score in scores],
                [score.n_tokens for score in scores],
                [score.reason for score in scores],
            ],
            schema=_SCHEMA,
        )

    def _load(self) -> None:
        for part in sorted(self._folder.glob("*.parquet")):
            with pq.ParquetFile(part) as file:
                facts = json.loads(file.schema_arrow.metadata[b"bench"])
                table = file.read()
            hashes = table["hash"].to_numpy()
            numbers = np.minimum(
                np.searchsorted(self._corpus.hashes, hashes), len(self.pending) - 1
            )
            for known, number, row in zip(
                (self._corpus.hashes[numbers] == hashes).tolist(), numbers.tolist(),
                table.drop_columns("hash").to_pylist(), strict=True,
            ):  # fmt: skip
                if known:
                    self._keep(number, Score(row["value"], row["n_tokens"], row["reason"]))
            self._time(len(table), int(table["n_tokens"].to_numpy().sum()), facts["seconds"])

    def _time(self, n: int, n_tokens: int, seconds: float) -> None:
        self.scores.n_timed += n
        self.scores.tokens_timed += n_tokens
        self.scores.seconds += seconds


def checked_scores(detector: Detector, texts: Sequence[str]) -> list[Score]:
    """The detector's scores; what is not finite is an abstention. Raises ValueError for too few."""
    scores = detector.score(texts)
    if len(scores) != len(texts):
        raise ValueError(f"{len(scores)} scores for {len(texts)} texts")
    return [
        Score(None, score.n_tokens, NOT_FINITE)
        if score.value is not None and not math.isfinite(score.value)
        else score
        for score in scores
    ]
