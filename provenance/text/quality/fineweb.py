"""The statistics of FineWeb's rules, compiled."""

from __future__ import annotations

import numpy as np
from numba import njit

from provenance.text.quality.characters import TERMINAL
from provenance.text.quality.segments import LINE_FEED, duplicates, split_at_runs, strip


@njit(cache=True)
def measure_fineweb(codes, classes, sums, powers, row):  # type: ignore[no-untyped-def]
    """Shares of lines that end a sentence and that are short; repeated characters; breaks."""
    starts, ends = split_at_runs(codes, 0, len(codes), 1)
    n, terminal, short = 0, 0, 0
    for i in range(len(starts)):
        start, end = strip(classes, starts[i], ends[i])
        if start == end:
            continue
        terminal += (classes[ends[i] - 1] & TERMINAL) != 0
        short += ends[i] - starts[i] <= 30
        starts[n], ends[n] = starts[i], ends[i]
        n += 1
    breaks = np.sum(codes == LINE_FEED)
    _, characters = duplicates(starts[:n], ends[:n], sums, powers)
    row[0] = terminal / n
    row[1] = short / n
    row[2] = characters / (len(codes) - breaks)
    row[3] = breaks
