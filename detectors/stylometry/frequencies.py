"""How common words are, frozen before machine-written text: the lists of `wordfreq` (to 2021).

Speer 2022, doi:10.5281/zenodo.7199437. Code and lists are installed with the package; nothing is
fetched.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
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
    return {word: share for share, words in ranks(language, wordlist) for word in words}


def ranks(
    language: str, wordlist: Literal["small", "best"] = "best"
) -> Iterator[tuple[float, Sequence[str]]]:
    """The same by share, largest first: every share with the words that have it."""
    from wordfreq import available_languages, cB_to_freq, get_frequency_list  # noqa: PLC0415 (slow)

    code = _LISTED_AS.get(language, language)
    if code not in _SEGMENTED and code in available_languages(wordlist):
        for centibels, words in enumerate(get_frequency_list(code, wordlist)):
            if words:
                yield cB_to_freq(-centibels), words
        get_frequency_list.cache_clear()  # wordfreq would hold it for good: 20 MB for English


def zipf(frequency: float) -> float:
    """The Zipf value: log10 of the uses in a billion words (van Heuven et al. 2014); 0 for none."""
    return max(0.0, math.log10(frequency) + 9.0) if frequency > 0.0 else 0.0
