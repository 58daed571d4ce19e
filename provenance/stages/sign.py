"""MinHash signatures and containment sketches of the normal form, for near-duplicate search."""

from __future__ import annotations

import pyarrow as pa

from provenance import batch as contract
from provenance.dedup.minhash import sign


class Sign:
    """Adds signature, sketch and shingle count; releases the normal form they are made from."""

    name = "sign"
    reads = ("normal_form",)
    adds = contract.added_by("sign")
    drops = ("normal_form",)

    def __init__(self, *, num_perm: int) -> None:
        self.num_perm = num_perm

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        signed = sign(batch.column("normal_form"), num_perm=self.num_perm)
        added = {name: getattr(signed, name) for name in self.adds}
        return contract.release(contract.append(batch, added), self.drops)
