"""The compiled scan flags what the patterns of its plain twin find."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.kernels.hidden import (
    AMONG_LATIN,
    MIXED_SCRIPTS,
    SUSPECT,
    character_classes,
    flags,
)

CLASSES = character_classes(
    suspect=[0xAD, 0x34F, 0x200B, 0xFEFF],
    other_scripts=range(0x370, 0x530),
    lookalikes=[0x251, 0x370, 0x430],
)
_SUSPECT = re.compile("[\u00ad\u034f\u200b\ufeff\U000e0000-\U000e0fff]")
_MIXED = re.compile("[A-Za-z][\u0251\u0370-\u052f]|[\u0251\u0370-\u052f][A-Za-z]")
_LOOKALIKE = re.compile("[\u0251\u0370\u0430]")
_LIKE_NONE = re.compile("[\u0371-\u042f\u0431-\u052f]")

_NEAR = st.text(
    st.sampled_from(
        "aZ@[`{ éɑ\u00ad\u034f\u036f\u0370аΩ\u052f\u0530\u200b\u200c\ufeff葛😀"
        "\U000e0000\U000e0fff\U000f0000"
    )
)


def _flags(text: str) -> int:
    return int(flags(np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8), CLASSES))


@settings(deadline=None)  # the first call compiles
@given(st.one_of(_NEAR, st.text(), st.text(st.characters(categories=["Cs", "Ll"]))))
def test_the_scan_agrees_with_the_patterns(text: str) -> None:
    found = _flags(text)

    assert bool(found & SUSPECT) == bool(_SUSPECT.search(text))
    assert bool(found & MIXED_SCRIPTS) == bool(_MIXED.search(text))
    assert bool(found & AMONG_LATIN) == _is_among_latin(text)


def _is_among_latin(text: str) -> bool:
    more_latin = len(re.findall("[A-Za-z]", text)) > len(_LIKE_NONE.findall(text))
    return more_latin and _LOOKALIKE.search(text) is not None


@settings(deadline=None)  # the first call compiles
@given(st.binary())
def test_bytes_that_are_no_utf8_end_the_scan_in_bounds(data: bytes) -> None:
    assert (
        0 <= flags(np.frombuffer(data, np.uint8), CLASSES) <= SUSPECT | MIXED_SCRIPTS | AMONG_LATIN
    )
