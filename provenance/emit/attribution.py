"""Whose text is in the dataset, and what the policy's prices say each would be owed.

    attribution.parquet   one row per publisher, host, licence and tier
    attribution.json      the sums by tier and licence, and the largest publishers

A publisher is the registrable domain of the host. A licence is the address of the terms that the
page states for training, else "training denied" or "training allowed", else "unknown". Tokens are
those of the mix: each epoch counts. Amounts are exact decimals with six places: tokens times the
tier's price of a million. It is an account under the policy's own prices, not a claim that anybody
agreed to them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any

import pyarrow as pa

from provenance.sources.domains import registrable_domain

VERSION = "attribution/1"
UNKNOWN = "unknown"
#: Publishers that attribution.json names; the table has all.
LARGEST = 100

AMOUNT = pa.decimal128(38, 6)
_CENT = Decimal("0.000001")
_MILLION = 1_000_000

TABLE = pa.schema(
    [
        pa.field("publisher", pa.string(), nullable=False),
        pa.field("host", pa.string()),
        pa.field("licence", pa.string(), nullable=False),
        pa.field("tier", pa.uint8(), nullable=False),
        pa.field("documents", pa.int64(), nullable=False),
        pa.field("tokens", pa.int64(), nullable=False),
        pa.field("owed", AMOUNT, nullable=False),
    ],
    metadata={b"provenance.schema": VERSION.encode()},
)


@dataclass(frozen=True, slots=True)
class Share:
    """What one host contributes in one tier under one licence. owed: in the policy's currency."""

    publisher: str
    host: str | None
    licence: str
    tier: int
    documents: int
    tokens: int
    owed: Decimal


def shares(rows: Iterable[Mapping[str, Any]], prices: Mapping[str, Any] | None) -> list[Share]:
    """One share per row, sorted by publisher, host, licence and tier.

    rows: host, licence, tier, documents and tokens. prices: the policy's, as JSON; None = free.
    """
    given = [_share(row, prices["per_million_tokens"] if prices else {}) for row in rows]
    return sorted(given, key=lambda s: (s.publisher, s.host or "", s.licence, s.tier))


def table(given: Sequence[Share]) -> pa.Table:
    """The shares as rows of attribution.parquet."""
    columns = [[getattr(share, name) for share in given] for name in TABLE.names]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, TABLE, strict=True)]
    return pa.Table.from_arrays(arrays, schema=TABLE)


def summary(given: Sequence[Share], prices: Mapping[str, Any] | None) -> dict[str, Any]:
    """The content of attribution.json: sums over the shares. Amounts are decimal strings."""
    publishers = _sums(given, "publisher")
    largest = sorted(publishers, key=lambda row: (-row["tokens"], row["publisher"]))
    return {
        "version": VERSION,
        "currency": prices["currency"] if prices else None,
        "per_million_tokens": prices["per_million_tokens"] if prices else None,
        **_total(given),
        "tiers": _sums(given, "tier"),
        "licences": _sums(given, "licence"),
        "publishers": len(publishers),
        "largest_publishers": largest[:LARGEST],
    }


def _share(row: Mapping[str, Any], prices: Mapping[str, float]) -> Share:
    host, tokens = row["host"], row["tokens"]
    return Share(
        publisher=registrable_domain(host) if host else UNKNOWN,
        host=host,
        licence=row["licence"] or UNKNOWN,
        tier=row["tier"],
        documents=row["documents"],
        tokens=tokens,
        owed=owed(tokens, prices.get(str(row["tier"]), 0.0)),
    )


def owed(tokens: int, price: float) -> Decimal:
    """The price of `tokens` at `price` for a million, to six places, half to even."""
    with localcontext(prec=60):
        exact = Decimal(repr(price)) * tokens / _MILLION
        return exact.quantize(_CENT, rounding=ROUND_HALF_EVEN)


def _sums(given: Sequence[Share], by: str) -> list[dict[str, Any]]:
    """Documents, tokens and amounts by one field, sorted by it."""
    groups: dict[Any, list[Share]] = {}
    for share in given:
        groups.setdefault(getattr(share, by), []).append(share)
    return [{by: value, **_total(groups[value])} for value in sorted(groups)]


def _total(given: Iterable[Share]) -> dict[str, Any]:
    counts: Counter[str] = Counter(documents=0, tokens=0)
    amount = Decimal(0)
    with localcontext(prec=60):
        for share in given:
            counts.update(documents=share.documents, tokens=share.tokens)
            amount += share.owed
    return {**counts, "owed": f"{amount:.6f}"}
