"""What the words of AI disclosures mean, over all dialects seen.

Sources of the words: the `AI-Disclosure` header (draft-abaris-aicdh), the `ai-disclosure`
attribute (W3C AI Content Disclosure community group), the Drupal module of that name, the older
`ai-generated` meta element (WHATWG issue 9479), and the IPTC digital source types with their
schema.org names. All of it is self-declared.
"""

from __future__ import annotations

import re
from typing import Final, Literal

Declaration = Literal["synthetic", "mixed", "human", "unknown"]

#: Beginnings of words, at a hyphen or whole; the longest counts. Underscores read as hyphens.
_WORDS: Final[dict[Declaration, tuple[str, ...]]] = {
    "synthetic": (
        "machine-generated", "machine-written", "autonomous", "ai-autonomous", "ai-originated",
        "ai-generated", "ai-created", "ai-written", "ai-authored", "ai-deepfake", "ai-only",
        "fully-ai", "full-ai", "generated", "synthetic", "trainedalgorithmicmedia",
    ),
    # The last line: made by a program that learnt nothing. No human wrote it, no model either.
    "mixed": (
        "ai-modified", "ai-assisted", "ai-edited", "ai-enhanced", "ai-translated",
        "ai-summarized", "ai-summarised", "ai-augmented", "ai-collaborated", "ai-aided",
        "human-ai", "mixed", "partial", "partially", "partly", "assisted",
        "compositewithtrainedalgorithmicmedia", "compositesynthetic",
        "algorithmicmedia", "datadrivenmedia", "algorithmicallyenhanced",
    ),
    "human": (
        "none", "human", "human-only", "human-made", "human-written", "human-created", "no-ai",
        "digitalcreation", "humanedits", "minorhumanedits", "digitalcapture",
        "computationalcapture", "compositecapture", "composite", "screencapture",
        "virtualrecording", "negativefilm", "positivefilm", "print",
    ),
    "unknown": (),
}  # fmt: skip
_MEANING: Final[dict[str, Declaration]] = {
    word: meaning for meaning, words in _WORDS.items() for word in words
}
#: They say who looked at the text, not who wrote it.
_QUALIFIERS: Final = ("human-reviewed", "human-edited", "human-approved", "human-in-the-loop")
#: What a yes-or-no answer to "AI generated?" means.
_ANSWERS: Final[dict[str, Declaration]] = {
    **dict.fromkeys(("all", "true", "yes", "1", "?1", "full", "fully"), "synthetic"),
    **dict.fromkeys(("partial", "partially", "some"), "mixed"),
    **dict.fromkeys(("false", "no", "0", "?0", "none"), "human"),
}
_SPLIT: Final = re.compile(r"[;,]")
#: Words of one disclosure that are looked at; the first known one counts.
_MAX_WORDS: Final = 16


def meaning(text: str) -> Declaration:
    """What a disclosure such as `ai-assisted; human-reviewed` says of the text.

    Its first known word counts; `key=value` parts and remarks on who reviewed it say nothing.
    """
    for part in _SPLIT.split(text[:1024], _MAX_WORDS):
        word = _normal(part)
        if "=" in word or word.startswith(_QUALIFIERS):
            continue
        found = _longest_beginning(word)
        if found:
            return found
    return "unknown"


def answer(text: str) -> Declaration:
    """What the value of an `ai-generated` field says: an answer, or any other disclosure."""
    return _ANSWERS.get(_normal(text)) or meaning(text)


def source_type(text: str) -> Declaration:
    """What an IPTC or schema.org digital source type says: a URI, a prefixed or a bare name."""
    name = re.split(r"[/#:]", text[:1024].strip().rstrip("/"))[-1].lower()
    return _MEANING.get(name.removesuffix("digitalsource"), "unknown")


def _normal(text: str) -> str:
    return text.strip().strip("\"'").lower().replace("_", "-").replace(" ", "-")


def _longest_beginning(word: str) -> Declaration | None:
    while word:
        if word in _MEANING:
            return _MEANING[word]
        word = word.rpartition("-")[0]
    return None
