"""Rolling windows over token ids, and the batches they are scored in.

    tokens       0 1 2 3 4 5 6 7 8 9      width 5, overlap 2
    window 1     r P P P P                r: read as context only
    window 2           r r P P P          P: predicted here
    window 3               r r r P P      the last is moved back: full context to the end

Every token is predicted exactly once, with at least `overlap` tokens before it but at the start of
the text. Token 0 has no context: it is predicted only if something stands before it, as the
beginning-of-sequence token of a model does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Tokens start to stop - 1 are read, those from `first` on predicted."""

    start: int
    first: int
    stop: int


def windows(n_tokens: int, *, width: int, overlap: int, first: int = 1) -> Iterator[Window]:
    """Windows of at most `width` tokens that predict first, ..., n_tokens - 1 once each, in order.

    first: 0 where a token stands before the text in every window, else 1. Raises ValueError unless
    1 <= overlap < width.
    """
    if not 1 <= overlap < width:
        raise ValueError(f"overlap {overlap} is not between 1 and {width - 1} (width {width})")
    stop = min(n_tokens, width)
    while first < stop:
        yield Window(max(0, stop - width), first, stop)
        first, stop = stop, min(n_tokens, stop + width - overlap)


def batches(lengths: Sequence[int], *, budget: int) -> Iterator[list[int]]:
    """Positions of `lengths`, longest first, in batches of at most `budget` tokens with padding.

    One that is longer than the budget is a batch alone.
    """
    batch: list[int] = []
    for i in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        if batch and lengths[batch[0]] * (len(batch) + 1) > budget:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch
