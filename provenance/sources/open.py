"""One file, local or remote, as bytes at any offset."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

import fsspec

from provenance.sources.witness import Witness

#: Bytes asked of the file at once: a few hundred members, and little enough for many workers.
BLOCK_BYTES = 2**18
#: Remote files are read ahead in pieces of this size, one request each.
REMOTE_BLOCK_BYTES = 2**23


def is_remote(uri: str) -> bool:
    """Whether `uri` names a file system other than the local disk."""
    scheme, separator, _ = uri.partition("://")
    return bool(separator) and scheme != "file"


def local_path(uri: str) -> Path:
    """The path a local `uri` (plain, or `file://`) names."""
    return Path(uri.removeprefix("file://"))


class ByteSource:
    """The bytes of one file: `size` of them, `read_at` any offset.

    Damage is skipped by looking again at bytes already passed, so the file must be seekable; a
    remote one that is not is first copied to a temporary file on disk.
    """

    __slots__ = ("_block", "_block_start", "_file", "_position", "_witness", "size")

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._position = -1  # unknown: the first read seeks
        self._block = memoryview(b"")
        self._block_start = 0
        self._witness: Witness | None = None
        self.size = size

    def read_at(self, offset: int, n_bytes: int) -> bytes:
        """Up to `n_bytes` from `offset`; fewer only at the end of the file."""
        if offset != self._position:
            self._file.seek(offset)
        data = self._file.read(n_bytes)
        while 0 < len(data) < n_bytes:
            more = self._file.read(n_bytes - len(data))
            if not more:
                break
            data += more
        self._position = offset + len(data)
        if self._witness is not None:
            self._witness.see(offset, data)
        return data

    def view(self, offset: int, n_bytes: int) -> memoryview:
        """Up to `n_bytes` from `offset` without a copy: fewer where the block in memory ends, none
        only at the end of the file."""
        begin = offset - self._block_start
        if not 0 <= begin < len(self._block):
            self._block = memoryview(self.read_at(offset, BLOCK_BYTES))
            self._block_start = offset
            begin = 0
        return self._block[begin : begin + n_bytes]

    def watch(self, part: range) -> None:
        """Hash the bytes of `part` as they are read; `digest` then tells."""
        self._witness = Witness(part.start, min(part.stop, self.size))

    def digest(self) -> str:
        """SHA-256 of the watched part, in hex."""
        if self._witness is None:
            raise ValueError("nothing is watched")
        return self._witness.finish(self.read_at)

    @property
    def file(self) -> BinaryIO:
        """The underlying file, for readers that want one (Parquet)."""
        self._position = -1
        return self._file

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_source(uri: str) -> ByteSource:
    """The bytes behind `uri`. Raises OSError when it cannot be opened."""
    if not is_remote(uri):
        file = local_path(uri).open("rb", buffering=0)
        return ByteSource(cast(BinaryIO, file), os.fstat(file.fileno()).st_size)
    with translated_errors(uri):
        options = {"block_size": REMOTE_BLOCK_BYTES, "cache_type": "readahead"}
        remote = fsspec.open(uri, "rb", **options).open()
        if not _is_seekable(remote):
            remote = _spooled(remote)
        remote.seek(0, io.SEEK_END)
        return ByteSource(remote, remote.tell())


@contextmanager
def translated_errors(uri: str) -> Iterator[None]:
    """Whatever a remote file system raises, as OSError."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        raise OSError(f"{uri}: {type(error).__name__}: {error}") from error


def _is_seekable(file: BinaryIO) -> bool:
    try:
        return file.seekable() and file.seek(0, io.SEEK_END) is not None
    except (OSError, ValueError):
        return False


def _spooled(file: BinaryIO) -> BinaryIO:
    spool = tempfile.TemporaryFile()  # noqa: SIM115  (owned, and closed, by the ByteSource)
    with file:
        shutil.copyfileobj(file, spool, REMOTE_BLOCK_BYTES)
    return cast(BinaryIO, spool)
