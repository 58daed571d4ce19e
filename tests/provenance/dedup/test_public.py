"""What the package shows."""

from __future__ import annotations

import subprocess
import sys

import pytest

from provenance import dedup


def test_every_public_name_is_there() -> None:
    assert dir(dedup) == sorted(dedup.__all__)
    assert all(callable(getattr(dedup, name)) for name in dedup.__all__)


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'cluster_all'"):
        _ = dedup.cluster_all


def test_importing_it_loads_nothing_heavy() -> None:
    heavy = ("numba", "pyarrow", "duckdb", "datasketch")
    check = f"import sys, provenance.dedup; print([m for m in {heavy!r} if m in sys.modules])"

    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
