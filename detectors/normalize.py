"""The Unicode form of a text that detectors score."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from detectors.hidden_unicode import visible

VERSION: Final = "2"

_PUNCTUATION: Final = (
    dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4\u02bc\u2039\u203a", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\u300c\u300d\u300e\u300f", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2e3a\u2e3b", "-")
    | {"\u2026": ".", "\u3002": ".", "\u3001": ",", "\u2022": " ", "\u00b7": " ", "\u00ad": ""}
    | dict.fromkeys("\u2061\u2062\u2063\u2064", "")
)
_ODD_PUNCTUATION = re.compile(f"[{''.join(_PUNCTUATION)}]")
_LIST_MARK = re.compile(r"^[ \t]*(?:[-+\u2022\u00b7]|\d{1,2}[.)])[ \t]+", re.MULTILINE)


def scored_form(text: str) -> str:
    """The form a detector reads: visible, lower case, compatibility-composed, plain punctuation.

    List marks at line starts go; case, quotes and dashes cannot carry the label. White space is
    left as it is: token kernels read any run of it as one space.
    """
    text = visible(text)[0]
    if "\n" in text:
        text = _LIST_MARK.sub("", text)
    if not text.isascii():
        text = _ODD_PUNCTUATION.sub(lambda match: _PUNCTUATION[match[0]], text)
        text = unicodedata.normalize("NFKC", text)
    return text.lower()


def language_form(text: str) -> str:
    """The form that a language model reads: visible, otherwise as written; valid Unicode."""
    return visible(text)[0].encode("utf-8", "replace").decode("utf-8")
