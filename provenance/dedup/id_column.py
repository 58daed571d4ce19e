"""The ids of any number of documents: on disk, as far as all take as many bytes."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa

from provenance.emit.atomic import disk_full_is_clear


class IdColumn:
    """Ids of one type, appended in order, then read as one array.

    Fixed-size binary and whole numbers go to the file at `path`, which is read back through the
    page cache; strings stay in memory. Nulls are for the caller to refuse.
    """

    def __init__(self, path: Path, kind: pa.DataType) -> None:
        self._path, self._kind = path, kind
        self._chunks: list[pa.Array] = [pa.array([], kind)]
        self._file = path.open("wb") if is_on_disk(kind) else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()

    def append(self, ids: pa.Array) -> None:
        """Add the next ids. Raises RunError when the disk is full."""
        if self._file is None:
            self._chunks.append(ids)
            return
        width = self._kind.byte_width
        start = ids.offset * width
        with disk_full_is_clear(self._path):
            self._file.write(ids.buffers()[1][start : start + len(ids) * width])

    def array(self) -> pa.Array:
        """All ids, after the last one. Those on disk stay there until the array is gone."""
        if self._file is None:
            return pa.chunked_array(self._chunks).combine_chunks()
        self._file.close()
        n_bytes = self._path.stat().st_size
        if not n_bytes:
            return self._chunks[0]
        mapped = np.memmap(self._path, dtype=np.uint8, mode="r")
        buffers = [None, pa.py_buffer(mapped)]
        return pa.Array.from_buffers(self._kind, n_bytes // self._kind.byte_width, buffers)


def is_on_disk(kind: pa.DataType) -> bool:
    """Whether ids of this type are kept on disk."""
    return bool(pa.types.is_fixed_size_binary(kind) or pa.types.is_integer(kind))
