"""Signatures as a stage: the kernel's own, row for row, and the normal form released."""

from __future__ import annotations

import pyarrow as pa

from provenance import batch
from provenance.dedup.minhash import sign
from provenance.stages.sign import Sign

SCHEMA = batch.schema(["doc_id", "normal_form"])


def test_rows_carry_the_kernels_signatures_and_lose_the_normal_form() -> None:
    forms = pa.array(["one two three four five six", None, ""], pa.large_string())
    ids = pa.array([bytes([i]) * 16 for i in range(3)], batch.DOC_ID)

    result = Sign(num_perm=16)(pa.record_batch([ids, forms], schema=SCHEMA))

    signed = sign(forms, num_perm=16)
    assert {name: result.column(name) for name in Sign.adds} == {
        name: getattr(signed, name) for name in Sign.adds
    }
    assert result.column("n_shingles").to_pylist() == [2, 0, 0]
    assert "normal_form" not in result.schema.names
