"""Files appear whole or not at all: written beside their place, synced, then renamed."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from provenance.emit.canonical import canonical_json
from provenance.errors import RunError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path to write to; it becomes `path` when the block ends without an error.

    Raises RunError when the disk is full: what was finished before stays finished.
    """
    temporary = path.with_name(f".{path.name}.partial")
    try:
        with disk_full_is_clear(path):
            yield temporary
            _sync(temporary)
            temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def disk_full_is_clear(path: Path) -> Iterator[None]:
    """Turns the system's error for a full disk into a RunError that says so of `path`."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise RunError(
                f"no space left to write {path.name} ({error.strerror}); make room and run the same"
                " command again: finished slices are kept",
                shard=str(path),
            ) from error
        raise


def write_text(path: Path, text: str) -> None:
    """`text` as UTF-8 at `path`, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, value: Any) -> None:
    """`value` as canonical JSON in UTF-8 at `path`."""
    write_text(path, canonical_json(value))


def digest_file(path: Path) -> str:
    """SHA-256 of the file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
