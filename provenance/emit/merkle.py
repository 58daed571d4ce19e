"""A Merkle tree over many leaves, and the proof that one leaf is in it: RFC 9162, section 2.1.

    leaf hash = SHA-256(0x00 || leaf)        node hash = SHA-256(0x01 || left || right)

The RFC splits n leaves at the largest power of two below n. Built from the leaves up, that is the
same as joining neighbours level by level and handing a last one without a partner up unchanged:

    level 2            r
    level 1        ab     c          the path of leaf 0 is [b, c], that of leaf 2 is [ab]
    level 0       a  b    c
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

import numpy as np

DIGEST_BYTES = 32
_PAIR_BYTES = 2 * DIGEST_BYTES
#: Pairs joined before their nodes are put away: what a level needs beside itself is 10 MB.
_PAIRS_AT_ONCE = 1 << 16


def hash_leaves(leaves: Iterable[bytes]) -> bytes:
    """The leaf hashes one after the other, 32 bytes each."""
    return b"".join([sha256(b"\x00" + leaf).digest() for leaf in leaves])


def tree_root(hashes: bytes) -> bytes:
    """The root over leaf hashes; of no leaf, SHA-256 of nothing."""
    if not hashes:
        return sha256().digest()
    while len(hashes) > DIGEST_BYTES:
        hashes = _parents(hashes)
    return hashes


def sum_of_hashes(hashes: bytes) -> bytes:
    """The sum of the hashes, each as four little-endian uint64, modulo 2^64: blind to order."""
    lanes = np.frombuffer(hashes, dtype="<u8").reshape(-1, 4)
    return lanes.sum(axis=0, dtype="<u8").tobytes()


def inclusion_path(hashes: bytes, index: int) -> list[bytes]:
    """What leaf `index` lacks to compute the root: node hashes, from the bottom up."""
    if not 0 <= index < len(hashes) // DIGEST_BYTES:
        raise IndexError(f"no leaf {index} among {len(hashes) // DIGEST_BYTES}")
    path = []
    while len(hashes) > DIGEST_BYTES:
        beside = DIGEST_BYTES * (index ^ 1)
        if beside < len(hashes):
            path.append(hashes[beside : beside + DIGEST_BYTES])
        hashes = _parents(hashes)
        index //= 2
    return path


def root_of_path(leaf: bytes, *, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root of the tree of `size` leaves in which `leaf` stands at `index` beside `path`.

    RFC 9162, 2.1.3.2. Raises ValueError when a path of this length cannot belong to this place.
    """
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} cannot be in a tree of {size}")
    node, last = sha256(b"\x00" + leaf).digest(), size - 1
    for beside in path:
        if last == 0:
            raise ValueError("the path is too long")
        if index % 2 or index == last:
            node = sha256(b"\x01" + beside + node).digest()
            while index % 2 == 0 and index:
                index, last = index >> 1, last >> 1
        else:
            node = sha256(b"\x01" + node + beside).digest()
        index, last = index >> 1, last >> 1
    if last:
        raise ValueError("the path is too short")
    return node


def _parents(level: bytes) -> bytes:
    """The level above; a last node without a partner is handed up."""
    paired = len(level) // _PAIR_BYTES * _PAIR_BYTES
    step = _PAIRS_AT_ONCE * _PAIR_BYTES
    above = [_joined(level[at : min(at + step, paired)]) for at in range(0, paired, step)]
    return b"".join([*above, level[paired:]])


def _joined(pairs: bytes) -> bytes:
    """The node above each pair of hashes."""
    nodes = np.ones((len(pairs) // _PAIR_BYTES, 1 + _PAIR_BYTES), dtype=np.uint8)
    nodes[:, 1:] = np.frombuffer(pairs, dtype=np.uint8).reshape(-1, _PAIR_BYTES)
    view = memoryview(nodes.tobytes())
    return b"".join([sha256(view[i : i + 65]).digest() for i in range(0, len(view), 65)])
