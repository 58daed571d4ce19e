"""Evidence that the record itself and its page carry, gathered as facts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from provenance import batch as contract
from provenance.evidence.facts import capture_fact, truncation_fact
from provenance.evidence.watermarks import Keyring, watermark_facts


class Gather:
    """Adds `evidence`: one fact per thing seen; an empty list when nothing was. Releases `marks`.

    Facts of the record come first, then those that `extract` read off the raw page, then a
    watermark found with a key of the keyring file. Raises InputError when that file is none, or is
    no longer the one of `keyring_digest`.
    """

    name = "gather"
    reads = ("captured_at", "truncated", "marks", "text", "lang")
    adds = contract.added_by("gather")
    drops = ("marks",)

    def __init__(self, *, keyring: str | None = None, keyring_digest: str | None = None) -> None:
        self._keyring = _load(keyring, keyring_digest) if keyring else None

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        captured, truncated, marks = (batch.column(name).to_pylist() for name in self.reads[:3])
        rows = [
            [fact.row() for fact in (capture_fact(at), truncation_fact(cut)) if fact] + seen + found
            for at, cut, seen, found in zip(
                captured, truncated, marks, self._watermarks(batch), strict=True
            )
        ]
        return contract.append(
            contract.release(batch, self.drops),
            {"evidence": pa.array(rows, type=contract.EVIDENCE)},
        )

    def _watermarks(self, batch: pa.RecordBatch) -> Sequence[list[dict[str, Any]]]:
        if self._keyring is None:
            return [[]] * len(batch)
        texts, langs = (batch.column(name).to_pylist() for name in ("text", "lang"))
        facts = watermark_facts(texts, langs, self._keyring)
        return [[fact.row()] if fact else [] for fact in facts]


def _load(keyring: str, digest: str | None) -> Keyring:
    from provenance.policy.keyring import load_keyring  # noqa: PLC0415 (loads the detectors)

    return load_keyring(Path(keyring), digest=digest)
