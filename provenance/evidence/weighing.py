"""The `evidence` of many documents weighed at once: `weights.strongest` over columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from provenance.evidence.weights import channel, fact_llr

Bool = NDArray[np.bool_]
Float64 = NDArray[np.float64]

#: A fact as grading tells it apart: kind, polarity, strength.
Sort = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Weighed:
    """llr: sum of what counts, nats, of shape [n]. decisive: whether one fact settles the matter.

    sorts: the distinct facts met; of: for each, which documents have it, bool [n].
    """

    llr: Float64
    decisive: Bool
    sorts: tuple[Sort, ...]
    of: tuple[Bool, ...]

    def has(self, kind: str, polarity: str, *strengths: str) -> Bool:
        """Which documents have a fact of this kind and polarity, of one of the strengths."""
        found = np.zeros(len(self.llr), dtype=bool)
        for sort, where in zip(self.sorts, self.of, strict=True):
            if sort[:2] == (kind, polarity) and (not strengths or sort[2] in strengths):
                found |= where
        return found


def weigh(evidence: pa.ListArray) -> Weighed:
    """What the facts of n documents count for. evidence: type `batch.EVIDENCE`, without nulls."""
    n_documents = len(evidence)
    owners = pc.list_parent_indices(evidence).to_numpy()
    codes, sorts = _sorts(pc.list_flatten(evidence))
    llrs = np.array([fact_llr(*sort) for sort in sorts], dtype=np.float64)
    of = tuple(_where(owners[codes == i], n_documents) for i in range(len(sorts)))
    llr = np.zeros(n_documents)
    for name in {channel(kind) for kind, _, _ in sorts}:
        members = [i for i, (kind, _, _) in enumerate(sorts) if channel(kind) == name]
        llr += _largest([np.where(of[i], llrs[i], 0.0) for i in members])
    settled = [
        of[i] for i, sort in enumerate(sorts) if sort[2] == "decisive" and sort[1] != "neutral"
    ]
    decisive = np.logical_or.reduce(settled) if settled else np.zeros(n_documents, dtype=bool)
    return Weighed(llr, decisive, sorts, of)


def _sorts(facts: pa.StructArray) -> tuple[NDArray[np.int64], tuple[Sort, ...]]:
    """For each fact, which of the distinct sorts it is; and these, sorted."""
    names = [facts.field(name).to_numpy(zero_copy_only=False) for name in
             ("kind", "polarity", "strength")]  # fmt: skip
    joined = np.array(["\t".join(sort) for sort in zip(*names, strict=True)], dtype=object)
    distinct, codes = np.unique(joined.astype(str), return_inverse=True)
    return codes, tuple((k, p, s) for k, p, s in (one.split("\t") for one in distinct.tolist()))


def _where(rows: NDArray[np.int64], n_documents: int) -> Bool:
    found = np.zeros(n_documents, dtype=bool)
    found[rows] = True
    return found


def _largest(columns: list[Float64]) -> Float64:
    """Of each row, the value farthest from zero; of two as far, the positive one."""
    highest, lowest = np.max(columns, axis=0), np.min(columns, axis=0)
    return np.where(highest >= -lowest, highest, lowest)
