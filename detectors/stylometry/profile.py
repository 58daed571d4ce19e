"""The stylometric profile: every named feature of style of a text, in one order.

Read from the scored form, so that case, white space, line breaks, quotes, dashes, list marks and
Markdown do not enter. All are rates, means or indices that hardly depend on length.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from detectors.kernels.reference import tokenize
from detectors.stylometry import features
from detectors.stylometry.rhythm import RHYTHM, SINGLE_WORDS
from detectors.stylometry.tails import TAILS, Vocabulary
from detectors.stylometry.variety import VARIETY

#: name -> meaning with its unit, in the order of `kernels.profile.style_profiles`.
MEANINGS: Final[Mapping[str, str]] = {
    name: meaning
    for group in (features.FEATURES, VARIETY, TAILS, RHYTHM, SINGLE_WORDS)
    for name, (meaning, _) in group.items()
}
NAMES: Final = tuple(MEANINGS)


def measure(scored_form: str, *, language: str = "en") -> dict[str, float]:
    """Every named feature of a text in its scored form (`normalize.scored_form`), float64.

    language: ISO 639-1, of the word frequencies and excess words; function words, endings and
    openings are English. All are zero where there is no word.
    """
    tokens = tokenize(scored_form.encode("utf-8", "replace"))
    forms = [token.form for token in tokens if token.is_word]
    if not forms:
        return dict.fromkeys(NAMES, 0.0)
    vocabulary = Vocabulary.of(language)
    return {
        **features.measure(scored_form),
        **{name: definition(forms) for name, (_, definition) in VARIETY.items()},
        **{name: definition(forms, vocabulary) for name, (_, definition) in TAILS.items()},
        **{name: definition(tokens) for name, (_, definition) in (RHYTHM | SINGLE_WORDS).items()},
    }
