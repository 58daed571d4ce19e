"""Connected components, against scipy's."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from provenance.dedup.components import are_apart, join, settle

N = 30
PAIRS = st.lists(st.tuples(st.integers(0, N - 1), st.integers(0, N - 1)), max_size=40)


def joined(pairs: list[tuple[int, int]]) -> np.ndarray:
    parents = np.arange(N, dtype=np.int32)
    join(parents, np.array(pairs, dtype=np.int64).reshape(-1, 2))
    settle(parents)
    return parents


@settings(deadline=None)
@given(PAIRS)
def test_components_are_scipys_named_by_their_least_number(pairs) -> None:
    edges = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(N, N))
    _, labels = connected_components(graph, directed=False)
    least = [int(np.flatnonzero(labels == label)[0]) for label in labels]

    assert joined(pairs).tolist() == least


@settings(deadline=None)
@given(PAIRS, st.randoms(use_true_random=False))
def test_the_order_of_pairs_changes_nothing(pairs, draw) -> None:
    shuffled = [draw.sample(pair, 2) for pair in draw.sample(pairs, len(pairs))]

    assert joined(shuffled).tolist() == joined(pairs).tolist()


def test_pairs_are_apart_until_they_are_joined() -> None:
    parents = joined([(0, 1), (1, 2)])

    assert are_apart(parents, np.array([[0, 2], [0, 3]])).tolist() == [False, True]
