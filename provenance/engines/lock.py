"""One run per output folder at a time."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from provenance.errors import OutputError, Problem

#: File systems that cannot lock a folder: there a run goes on without the lock.
_CANNOT_LOCK = {errno.EBADF, errno.EINVAL, errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP}


@contextmanager
def only_run(root: Path) -> Iterator[None]:
    """Hold the folder `root`, made where it is not there, until the block ends or the process dies.

    The lock is on the folder itself and leaves no file. A folder that was made and stays empty is
    removed again. Raises OutputError when another run holds it.
    """
    missing = [place for place in (root, *root.parents) if not place.exists()]
    try:
        root.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise OutputError(
            Problem(str(root), f"cannot be written: {error.strerror}", accepted="a writable folder")
        ) from error
    try:
        _lock(descriptor, root)
        yield
    finally:
        os.close(descriptor)
        with suppress(OSError):
            for place in missing:
                place.rmdir()


def _lock(descriptor: int, root: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise OutputError(
            Problem(
                str(root),
                "another run is writing to this folder",
                accepted="the same request again when that run has ended, or another folder",
            )
        ) from error
    except OSError as error:
        if error.errno not in _CANNOT_LOCK:
            raise
