"""The SHA-256 of a range of a file, taken from the bytes as they are read anyway.

A reader goes mostly forward, looks again at what it passed, and may end early. What it read in
order is hashed on the way; the rest is read once more at the end. So a remote file is not fetched
twice for its digest, unless its reader jumps.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

_REST_BYTES = 2**20


class Witness:
    """Sees bytes at offsets; knows the SHA-256 of [start, stop) once all of it was seen."""

    __slots__ = ("_hash", "_next", "_stop")

    def __init__(self, start: int, stop: int) -> None:
        self._hash = hashlib.sha256()
        self._next = start
        self._stop = stop

    def see(self, offset: int, data: bytes) -> None:
        """Count `data`, read at `offset`, as far as it continues what was seen."""
        end = min(offset + len(data), self._stop)
        if offset <= self._next < end:
            self._hash.update(memoryview(data)[self._next - offset : end - offset])
            self._next = end

    def finish(self, read_at: Callable[[int, int], bytes]) -> str:
        """The digest in hex, after reading what is missing; short where the file is."""
        while self._next < self._stop:
            data = read_at(self._next, min(_REST_BYTES, self._stop - self._next))
            if not data:
                break
            self.see(self._next, data)
        return self._hash.hexdigest()
