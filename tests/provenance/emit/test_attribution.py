"""Attribution: sums that add up, to the last decimal."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.emit.attribution import TABLE, owed, shares, summary, table

PRICES = {"currency": "EUR", "per_million_tokens": {"1": 2.5, "2": 0.1}}


def row(
    host: str | None, tier: int, tokens: int, licence: str | None = "unknown"
) -> dict[str, Any]:
    return {"host": host, "licence": licence, "tier": tier, "documents": 2, "tokens": tokens}


rows = st.lists(
    st.builds(
        row,
        st.sampled_from([None, "a.example", "www.a.example", "b.co.uk"]),
        st.integers(0, 3),
        st.integers(0, 10**12),
        st.sampled_from([None, "cc-by"]),
    ),
    max_size=20,
)


def test_a_publisher_is_a_registrable_domain_and_is_owed_by_tier() -> None:
    given_shares = shares(
        [row("www.a.example", 1, 3_000_000), row("a.example", 2, 10), row(None, 3, 7)], PRICES
    )

    result = summary(given_shares, PRICES)

    assert [(s.publisher, s.host, s.owed) for s in given_shares] == [
        ("a.example", "a.example", Decimal("0.000001")),
        ("a.example", "www.a.example", Decimal("7.500000")),
        ("unknown", None, Decimal("0.000000")),
    ]
    assert (result["tokens"], result["owed"], result["publishers"]) == (3_000_017, "7.500001", 2)
    assert result["largest_publishers"][0] == {
        "publisher": "a.example", "documents": 4, "tokens": 3_000_010, "owed": "7.500001",
    }  # fmt: skip


def test_amounts_are_decimal_not_binary() -> None:
    """0.1 + 0.2 is no 0.3 in floats; ten million tokens at 0.1 are exactly one."""
    assert owed(10_000_000, 0.1) == Decimal(1)
    assert owed(3, 0.1) == Decimal("0.000000")
    assert owed(10**18, 1e11) == Decimal("1e23")


@settings(deadline=None)
@given(rows)
def test_every_sum_adds_up_to_the_total(given_rows: list[dict[str, Any]]) -> None:
    given_shares = shares(given_rows, PRICES)

    result = summary(given_shares, PRICES)

    for group in ("tiers", "licences", "largest_publishers"):
        for name in ("documents", "tokens"):
            assert sum(entry[name] for entry in result[group]) == result[name]
        assert sum(Decimal(entry["owed"]) for entry in result[group]) == Decimal(result["owed"])
    assert table(given_shares).schema == TABLE
    assert sum(table(given_shares).column("owed").to_pylist()) == Decimal(result["owed"])


def test_without_prices_nothing_is_owed() -> None:
    result = summary(shares([row("a.example", 1, 10**9)], None), None)

    assert (result["owed"], result["currency"]) == ("0.000000", None)


@pytest.mark.parametrize("order", [1, -1])
def test_the_order_of_rows_leaves_no_trace(order: int) -> None:
    given_rows = [row("b.co.uk", 1, 5), row(None, 0, 1), row("a.example", 3, 2)][::order]

    assert [s.publisher for s in shares(given_rows, PRICES)] == ["a.example", "b.co.uk", "unknown"]
