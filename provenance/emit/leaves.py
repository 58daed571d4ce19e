"""A decision as bytes that do not depend on Parquet: the leaves of the Merkle tree (`leaf/1`).

A leaf is the canonical JSON (RFC 8785) of an object with the keys of LEAF_COLUMNS, all present:
binary in lower-case hex, times as 2021-03-04T05:06:07.000000Z (UTC), numbers as numbers (a 32-bit
float as the double of equal value), what is unknown as null. It names no place on any disk.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from provenance.emit.canonical import canonical_json, number

VERSION = "leaf/1"

#: In the order of the canonical JSON: sorted.
LEAF_COLUMNS = (
    "captured_at", "content_hash", "decision", "doc_id", "duplicate_of", "epochs", "n_tokens",
    "p_synthetic", "reasons", "stratum", "tier", "tier_reason", "url",
)  # fmt: skip

_HEX = np.frombuffer(bytes(range(256)).hex().encode(), dtype="S2")
#: From here on Arrow prints an exponent where ECMAScript does not yet.
_PLAIN_BELOW = 1e10


def leaf_value(row: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON object of one decision, given with Arrow's own Python values."""
    return {name: _plain(row[name]) for name in LEAF_COLUMNS}


def leaf(row: Mapping[str, Any]) -> bytes:
    """The leaf of one decision. What `leaves` does fast, plainly."""
    return canonical_json(leaf_value(row)).encode()


def leaves(batch: pa.RecordBatch) -> list[bytes]:
    """The leaf of each row. Raises ValueError for a number that is none in JSON."""
    pieces: list[Any] = []
    for name in LEAF_COLUMNS:
        pieces += [f"{',' if pieces else '{'}{json.dumps(name)}:", _json(batch.column(name))]
    values: list[bytes] = _joined(*pieces, "}").cast(pa.large_binary()).to_pylist()
    return values


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return value


def _json(column: pa.Array) -> pa.Array:
    """The canonical JSON of each value, as large_string; null as `null`."""
    kind = column.type
    if pa.types.is_fixed_size_binary(kind):
        text = _hex(column)
    elif pa.types.is_timestamp(kind):
        text = _time(column)
    elif pa.types.is_floating(kind):
        text = _number(column.cast(pa.float64()))
    elif pa.types.is_integer(kind):
        text = column.cast(pa.large_string())
    elif pa.types.is_list(kind):
        text = _list(column)
    else:
        text = _string(column.cast(pa.large_string()))
    return text.fill_null("null")


def _joined(*pieces: pa.Array | str) -> pa.Array:
    """The pieces of each row, one after the other; null where one is."""
    large = [pa.scalar(p, pa.large_string()) if isinstance(p, str) else p for p in pieces]
    return pc.binary_join_element_wise(*large, pa.scalar("", pa.large_string()))


def _quoted(text: pa.Array) -> pa.Array:
    return _joined('"', text, '"')


def _hex(column: pa.Array) -> pa.Array:
    values = column.fill_null(bytes(column.type.byte_width))
    width, n = column.type.byte_width, len(values)
    first = values.offset * width
    data = np.frombuffer(values.buffers()[1], dtype=np.uint8)[first : first + n * width]
    text = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(2 * width), n, [None, pa.py_buffer(_HEX[data].tobytes())]
    )
    return _masked(_quoted(text.cast(pa.large_binary()).cast(pa.large_string())), column)


def _time(column: pa.Array) -> pa.Array:
    text = column.cast(pa.timestamp("us")).cast(pa.large_string())  # without a zone: much faster
    return _joined('"', pc.replace_substring(text, " ", "T"), 'Z"')


def _number(column: pa.Array) -> pa.Array:
    if not pc.all(pc.is_finite(column)).as_py() and len(column.drop_null()):
        raise ValueError("a decision holds a number that is not finite")
    text = pc.add(column, 0.0).cast(pa.large_string())  # -0.0 becomes 0.0
    large = pc.greater_equal(pc.abs(column), _PLAIN_BELOW).fill_null(False)
    if not pc.any(large).as_py():
        return text
    exact = pa.array([number(v.as_py()) for v in column.filter(large)], pa.large_string())
    return pc.replace_with_mask(text, large, exact)


def _string(column: pa.Array) -> pa.Array:
    """Quoted; only the few values with a character that JSON escapes pass through Python."""
    special = pc.match_substring_regex(column, r'[\x00-\x1f"\\]').fill_null(False)
    text = _quoted(column)
    if not pc.any(special).as_py():
        return text
    escaped = [json.dumps(v.as_py(), ensure_ascii=False) for v in column.filter(special)]
    return pc.replace_with_mask(text, special, pa.array(escaped, pa.large_string()))


def _list(column: pa.Array) -> pa.Array:
    items = _string(column.flatten().cast(pa.large_string())).cast(pa.string())
    lengths = column.value_lengths().fill_null(0)
    ends = np.concatenate(([0], np.cumsum(lengths.to_numpy(zero_copy_only=False))))
    nested = pa.ListArray.from_arrays(pa.array(ends, pa.int32()), items)
    inner = pc.binary_join(nested, ",").cast(pa.large_string())
    return _masked(_joined("[", inner, "]"), column)


def _masked(text: pa.Array, column: pa.Array) -> pa.Array:
    """`text`, null where `column` is."""
    return pc.if_else(column.is_valid(), text, pa.scalar(None, text.type))
