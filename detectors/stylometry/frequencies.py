"""How common words are, frozen before machine-written text: the lists of `wordfreq` (to 2021).

Speer 2022, doi:10.5281/zenodo.7199437. Code and lists are installed with the package; nothing is
fetched.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from typing import Final, Literal

#: Languages whose wordfreq lists hold units that splitting on spaces does not give.
_SEGMENTED: Final = frozenset({"ja", "zh", "ko", "th"})

#: Language id says "no" for what wordfreq lists as Bokmål, and the parts of Serbo-Croatian apart.
_LISTED_AS: Final = {"no": "nb", "nn": "nb", "hr": "sh", "sr": "sh", "bs": "sh", "tl": "fil"}


@cache
def frequencies(
    language: str, *, wordlist: Literal["small", "best"] = "best"
) -> Mapping[str, float]:
    """Word -> share of all words written; empty where `language` has no list to look words up in.

    wordlist: "small" ends at one in a million, in every language; "best" at one in a hundred
    million, where there is such a list (English and some 20 more).
    """
    from wordfreq import available_languages, get_frequency_dict  # noqa: PLC0415 (slow to load)

    code = _LISTED_AS.get(language, language)
    if code in _SEGMENTED or code not in available_languages(wordlist):
        return {}
    listed: Mapping[str, float] = get_frequency_dict(code, wordlist)
    return listed


def zipf(frequency: float) -> float:
    """The Zipf value: log10 of the uses in a billion words (van Heuven et al. 2014); 0 for none."""
    return max(0.0, math.log10(frequency) + 9.0) if frequency > 0.0 else 0.0
