"""Limits on what one host or one language may offer to the mix."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import njit

I64 = npt.NDArray[np.int64]

#: The cap of a group that has none.
UNCAPPED = np.iinfo(np.int64).max


def host_caps(hosts: pa.DictionaryArray, cap_tokens: int) -> I64:
    """The cap of each value of the dictionary: all the same."""
    return np.full(len(hosts.dictionary), cap_tokens, dtype=np.int64)


def language_caps(languages: pa.DictionaryArray, caps: Mapping[str, int]) -> I64:
    """The cap of each value of the dictionary; `UNCAPPED` where `caps` names none."""
    return np.array(
        [caps.get(name, UNCAPPED) for name in languages.dictionary.to_pylist()], dtype=np.int64
    )


def over_cap(
    groups: pa.DictionaryArray, n_tokens: I64, order: npt.NDArray[np.intp], *, caps: I64
) -> npt.NDArray[np.bool_]:
    """Which documents, shape [n], their group has no room for.

    Documents are taken in `order`, the sampling order, which no budget changes; each is taken if
    it still fits, so that one long document does not close a group. A document without a group is
    never over a cap.
    """
    members = groups.indices.fill_null(-1).to_numpy().astype(np.int64)
    over = np.zeros(len(members), dtype=np.bool_)
    _fill(members, n_tokens, order, caps.copy(), over)
    return over


@njit(cache=True)
def _fill(members, n_tokens, order, room, over):  # type: ignore[no-untyped-def]
    for document in order:
        group = members[document]
        if group < 0:
            continue
        if n_tokens[document] <= room[group]:
            room[group] -= n_tokens[document]
        else:
            over[document] = True
