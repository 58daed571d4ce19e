"""Watermark detectors: token ids and a key, no model.

A watermarked generator leans, token by token, on pseudo-random numbers drawn from a key and the
tokens before. Whoever knows the key can draw them again: under the null hypothesis, that the text
was written without the key, they are independent of the text, so the p value needs no calibration
data. Each repeated draw is counted once, or the draws would not be independent.

    kgw       Kirchenbauer et al. 2023: a green list per context; `seeding` names its variants
    unigram   Zhao et al. 2023: one green list for all contexts
    gumbel    Aaronson 2022 (EXP): -log(1 - r) per token, a Gamma variable
    synthid   Dathathri et al. 2024 (SynthID-Text): tournament g values from a sampling table

`empirical_null` is for reading a corpus with one key: texts of a language share that key's luck.
`mersenne` and `philox` draw what PyTorch drew on the generator's device; `trials` looks for a
watermarked passage in a long text and pays for looking. `benchmarks/quality/watermark.md` has the
power of every scheme by number of scored tokens: what "not found" means depends on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: Every scheme: name -> "module:Class". They need a key and a tokenizer, so they are no members of
#: `detectors.registry`, whose detectors can be built from nothing.
SCHEMES: Final[Mapping[str, str]] = {
    "kgw": "detectors.watermark.kgw:KGW",
    "unigram": "detectors.watermark.unigram:Unigram",
    "gumbel": "detectors.watermark.gumbel:Gumbel",
    "synthid": "detectors.watermark.synthid:SynthID",
}
