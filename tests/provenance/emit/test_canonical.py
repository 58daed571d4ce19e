"""Canonical JSON: RFC 8785, checked against its examples and an independent implementation."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.emit.canonical import canonical_json, digest_json, number

#: Of RFC 8785, appendix B: IEEE 754 bits and the text they must have.
RFC_NUMBERS = {
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "444b1ae4d6e2ef50": "1e+21",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "41b3de4355555553": "333333333.3333332",
    "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("aé\U0001f600\uffee\n"), inner),
    max_leaves=12,
)


@pytest.mark.parametrize(("bits", "text"), RFC_NUMBERS.items())
def test_numbers_are_those_of_the_rfc(bits: str, text: str) -> None:
    import struct

    assert number(struct.unpack(">d", bytes.fromhex(bits))[0]) == text


def test_keys_stand_in_the_order_of_utf_16() -> None:
    """The example of RFC 8785, 3.2.3: an astral key sorts before U+FB33."""
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]

    text = canonical_json(dict.fromkeys(keys, 0))

    order = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(text)) == order


@settings(deadline=None)
@given(values)
def test_it_agrees_with_an_independent_implementation(value: Any) -> None:
    rfc8785 = pytest.importorskip("rfc8785")

    assert canonical_json(value).encode() == rfc8785.dumps(value)


@settings(deadline=None)
@given(values)
def test_it_reads_back_as_the_same_value(value: Any) -> None:
    assert json.loads(canonical_json(value), parse_int=float) == value


def test_large_integers_keep_their_digits() -> None:
    assert canonical_json({"seed": 2**63 - 1}) == '{"seed":9223372036854775807}'


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="no JSON number"):
        canonical_json([value])


@pytest.mark.parametrize("value", [b"x", {1: 2}, {1}, object()])
def test_what_is_no_json_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        canonical_json(value)


def test_equal_values_have_equal_digests() -> None:
    assert digest_json({"b": 1, "a": (1, 2)}) == digest_json({"a": [1, 2], "b": 1})
