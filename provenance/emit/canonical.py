"""JSON of which equal values have one text: RFC 8785 (JSON Canonicalization Scheme).

No white space, keys in the order of their UTF-16 code units, numbers as ECMAScript prints them,
strings escaped only where JSON must. One freedom is taken: integers above 2^53, which the RFC would
round to a double, keep all their digits.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any


def canonical_json(value: Any) -> str:
    """The one text of a JSON value. Raises ValueError for NaN and infinity, TypeError for no JSON.

    Mappings have string keys; tuples count as lists.
    """
    if value is None or isinstance(value, bool | int):
        return json.dumps(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, float):
        return number(value)
    if isinstance(value, Mapping):
        keys = sorted(value, key=_utf16)
        return "{" + ",".join(f"{canonical_json(k)}:{canonical_json(value[k])}" for k in keys) + "}"
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return "[" + ",".join(map(canonical_json, value)) + "]"
    raise TypeError(f"no JSON for {type(value).__name__}")


def digest_json(value: Any) -> str:
    """BLAKE2b-128 of the canonical JSON, in hex."""
    return hashlib.blake2b(canonical_json(value).encode(), digest_size=16).hexdigest()


def number(value: float) -> str:
    """The shortest digits that read back as `value`, laid out as ECMA-262 (Number::toString) does.

    Plain from 1e-6 up to 1e21, with an exponent outside; 1.0 is "1", and -0.0 is "0".
    """
    if not math.isfinite(value):
        raise ValueError(f"{value} is no JSON number")
    if value == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    text = "".join(map(str, digits))
    return "-" * sign + _layout(text, len(text) + int(exponent))


def _layout(digits: str, point: int) -> str:
    """0.DIGITS times ten to the `point`; `digits` has no zero at either end."""
    n = len(digits)
    if n <= point <= 21:
        return digits + "0" * (point - n)
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    tail = f".{digits[1:]}" if n > 1 else ""
    return f"{digits[0]}{tail}e{point - 1:+d}"


def _utf16(key: str) -> bytes:
    if not isinstance(key, str):
        raise TypeError(f"a JSON key is a string, not {type(key).__name__}")
    return key.encode("utf-16-be")
