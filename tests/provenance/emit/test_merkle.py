"""The Merkle tree: known answers, the RFC's own recursion, and proofs that cannot be bent."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.emit import merkle
from provenance.emit.merkle import (
    DIGEST_BYTES,
    hash_leaves,
    inclusion_path,
    root_of_path,
    sum_of_hashes,
    tree_root,
)

#: Leaves and roots (of the first n leaves) of the Certificate Transparency reference tests.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

trees = st.lists(st.binary(max_size=8), min_size=1, max_size=70)


def recursion(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162, 2.1.1, word for word."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + recursion(leaves[:split]) + recursion(leaves[split:])).digest()


@pytest.mark.parametrize("n", range(1, 9))
def test_roots_are_those_of_certificate_transparency(n: int) -> None:
    assert tree_root(hash_leaves(LEAVES[:n])).hex() == ROOTS[n - 1]


@pytest.mark.parametrize("n", range(1, 40))
def test_levels_joined_in_pieces_give_the_same_root(
    monkeypatch: pytest.MonkeyPatch, n: int
) -> None:
    hashes = hash_leaves([bytes([i]) for i in range(n)])
    whole = tree_root(hashes)

    monkeypatch.setattr(merkle, "_PAIRS_AT_ONCE", 3)

    assert tree_root(hashes) == whole


def test_the_root_of_no_leaf_is_the_hash_of_nothing() -> None:
    assert tree_root(b"") == sha256(b"").digest()


@settings(deadline=None)
@given(trees)
def test_the_root_is_that_of_the_recursion(leaves: list[bytes]) -> None:
    assert tree_root(hash_leaves(leaves)) == recursion(leaves)


@settings(deadline=None)
@given(trees, st.data())
def test_a_proof_of_any_leaf_gives_the_root(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    hashes = hash_leaves(leaves)

    path = inclusion_path(hashes, index)

    root = root_of_path(leaves[index], index=index, size=len(leaves), path=path)
    assert root == tree_root(hashes)


@settings(deadline=None)
@given(trees, st.data())
def test_a_proof_of_another_leaf_does_not(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    hashes = hash_leaves(leaves)
    path = inclusion_path(hashes, index)

    root = root_of_path(leaves[index] + b"x", index=index, size=len(leaves), path=path)

    assert root != tree_root(hashes)


@settings(deadline=None)
@given(trees, st.data())
def test_a_path_with_one_flipped_bit_does_not(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    hashes = hash_leaves([*leaves, b"one more"])
    path = inclusion_path(hashes, index)
    at = data.draw(st.integers(0, len(path) - 1))
    bit = data.draw(st.integers(0, 255))
    path[at] = (int.from_bytes(path[at], "big") ^ 1 << bit).to_bytes(DIGEST_BYTES, "big")

    root = root_of_path(leaves[index], index=index, size=len(leaves) + 1, path=path)

    assert root != tree_root(hashes)


def test_a_node_is_never_taken_for_a_leaf() -> None:
    """Without the prefixes, the two children of the root would be a leaf of a smaller tree."""
    hashes = hash_leaves(LEAVES[:2])

    assert root_of_path(hashes, index=0, size=1, path=[]) != tree_root(hashes)


@pytest.mark.parametrize(
    ("index", "size", "length", "match"),
    [
        (0, 1, 1, "too long"),
        (0, 2, 0, "too short"),
        (4, 5, 2, "too long"),
        (0, 5, 2, "too short"),
        (5, 5, 1, "cannot be in a tree of 5"),
        (-1, 5, 1, "cannot be in a tree of 5"),
        (0, 0, 0, "cannot be in a tree of 0"),
        (0, 2**60, 100, "too long"),
    ],
)
def test_a_path_that_fits_no_such_place_is_refused(
    index: int, size: int, length: int, match: str
) -> None:
    with pytest.raises(ValueError, match=match):
        root_of_path(b"", index=index, size=size, path=[bytes(DIGEST_BYTES)] * length)


@pytest.mark.parametrize("index", [-1, 3])
def test_there_is_no_path_of_a_leaf_that_is_not_there(index: int) -> None:
    with pytest.raises(IndexError):
        inclusion_path(hash_leaves(LEAVES[:3]), index)


def test_the_sum_is_blind_to_order_and_to_nothing_else() -> None:
    hashes = [hash_leaves([leaf]) for leaf in LEAVES]
    lanes = [sum(int.from_bytes(h[8 * i : 8 * i + 8], "little") for h in hashes) for i in range(4)]

    total = sum_of_hashes(b"".join(hashes))

    assert total == b"".join((lane % 2**64).to_bytes(8, "little") for lane in lanes)
    assert total == sum_of_hashes(b"".join(reversed(hashes)))
    assert total != sum_of_hashes(b"".join(hashes[1:]))
