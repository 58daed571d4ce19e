"""The permutations of signatures on a torch device, with the bits of the compiled code.

torch has no arithmetic on unsigned integers to speak of. Products in int64 wrap around modulo
2**64, so their low 32 bits are right whatever their sign; a mask takes them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from provenance.dedup.minhash import EMPTY, Scheme, ShingleHashes, permutations
from provenance.errors import Problem, RequestError

#: Permuted hashes in the device's memory at a time, 8 bytes each, a few times over.
ELEMENTS_AT_ONCE = 1 << 24
#: Hashes of one text permuted at a time.
HASHES_AT_ONCE = 512

_LOW = 0xFFFFFFFF
_MERSENNE_61 = (1 << 61) - 1


def minima_on(
    device: str, shingles: ShingleHashes, *, num_perm: int, scheme: Scheme
) -> npt.NDArray[np.uint32]:
    """`minhash.minima` with the permutations applied on `device`.

    Raises RequestError when torch has no such device.
    """
    target = _device(device)
    hashes = torch.from_numpy((shingles.hashes & np.uint64(_LOW)).astype(np.int64)).to(target)
    values = _fmix(hashes) if scheme == "affine32" else hashes
    a, b = (torch.from_numpy(p.astype(np.int64)).to(target) for p in permutations(num_perm, scheme))
    permute = _affine32 if scheme == "affine32" else _legacy
    rows = torch.full((len(shingles), num_perm), int(EMPTY), dtype=torch.int64, device=target)
    lengths = np.diff(shingles.bounds)
    # Texts of like length go together, so that little is permuted twice to fill a rectangle.
    order = np.argsort(lengths, kind="stable")
    order = order[lengths[order] > 0]
    n_texts = max(1, ELEMENTS_AT_ONCE // (HASHES_AT_ONCE * num_perm))
    for first in range(0, len(order), n_texts):
        texts = order[first : first + n_texts]
        places = torch.from_numpy(texts).to(target)
        start = torch.from_numpy(shingles.bounds[texts]).to(target)[:, None]
        last = torch.from_numpy(shingles.bounds[texts + 1] - 1).to(target)[:, None]
        for offset in range(0, int(lengths[texts].max()), HASHES_AT_ONCE):
            stretch = torch.arange(offset, offset + HASHES_AT_ONCE, device=target)
            stretch = stretch[: int(lengths[texts].max()) - offset]
            mine = values[torch.minimum(start + stretch, last)]  # [texts, hashes]
            least = permute(mine[:, :, None], a, b).amin(dim=1)
            rows[places] = torch.minimum(rows[places], least)
    return rows.cpu().numpy().astype(np.uint32)


def _device(name: str) -> torch.device:
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        problem = Problem("device", f"torch has no {name!r} here", accepted="cpu, cuda, cuda:0 ...")
        raise RequestError(problem) from error
    return device


def _fmix(values: Any) -> Any:
    values = values ^ (values >> 16)
    values = (values * 0x85EBCA6B) & _LOW
    values = values ^ (values >> 13)
    values = (values * 0xC2B2AE35) & _LOW
    return values ^ (values >> 16)


def _affine32(values: Any, a: Any, b: Any) -> Any:
    return (values * a + b) & _LOW


def _legacy(values: Any, a: Any, b: Any) -> Any:
    """See `kernels.legacy_minima`; the shift of a negative number is masked to be a logical one."""
    whole = values * a + b
    folded = (whole & _MERSENNE_61) + ((whole >> 61) & 7)
    return torch.where(folded >= _MERSENNE_61, folded - _MERSENNE_61, folded) & _LOW
