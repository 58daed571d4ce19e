"""What a report counts: everything is summed in SQL, in memory that does not grow with the run.

Numbers are integers, or made of integers, so that no order of summation shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from provenance.policy.model import MEASURES
from provenance.report.detection import Asked, detection
from provenance.report.statements import statement
from provenance.session import Session

HOSTS_SHOWN: Final = 25
_RARITY_SCALE: Final = 10_000
_TENTHS: Final = 10


def statistics(
    session: Session,
    *,
    parts: Sequence[str],
    duplicates: Path,
    detectors: Sequence[Asked],
    false_positive_rate: float,
) -> dict[str, Any]:
    """Counts over table `decisions` of the session and the scored parts, as JSON values.

    detectors: in order of cost. duplicates: matches between documents; may be absent.
    """
    read = {"parts": list(parts)}
    return {
        "months": _months(session),
        "detection": detection(session, detectors, parts=parts, rate=false_positive_rate),
        "evidence": _rows(session, "evidence", **read),
        "rights": _rows(session, "rights"),
        "train_ai": _rows(session, "train_ai"),
        "hosts": _hosts(session),
        "clusters": _rows(session, "clusters"),
        "matches": _rows(session, "matches", duplicates=[str(duplicates)])
        if duplicates.exists()
        else [],
        "tails": {measure: _tails(session, measure) for measure in MEASURES},
        "form": _rows(session, "form", **read),
    }


def _rows(session: Session, query: str, **parameters: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = session.table(
        statement(f"report_{query}"), **parameters
    ).to_pylist()
    return rows


def _months(session: Session) -> list[dict[str, Any]]:
    """One entry per month of capture: documents by tier, and p_synthetic's mean and quantiles."""
    rows = _rows(session, "months")
    dated = [row for row in rows if row["month"] is not None]
    undated = [row for row in rows if row["month"] is None]
    months = [
        _month(month.strftime("%Y-%m"), list(group))
        for month, group in groupby(dated, key=lambda row: row["month"])
    ]
    return months + ([_month("unknown", undated)] if undated else [])


def _month(name: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    documents = sum(row["documents"] for row in rows)
    bins = _summed(rows, "bin", "documents")
    return {
        "month": name,
        "documents": documents,
        "tokens": sum(row["tokens"] for row in rows),
        "tiers": {str(tier): n for tier, n in sorted(_summed(rows, "tier", "documents").items())},
        "p_synthetic_mean": round(sum(row["millionths"] for row in rows) / documents / 1e6, 6),
        "p_synthetic_quantiles": {
            str(share): quantile(bins, share) / 100 for share in (0.1, 0.5, 0.9)
        },
    }


def quantile(bins: Mapping[int, int], share: float) -> int:
    """The upper end of the bin in which the smallest `share` of all lie; bins: start -> count."""
    needed, seen = share * sum(bins.values()), 0
    for start in sorted(bins):
        seen += bins[start]
        if seen >= needed:
            return start + 1
    raise ValueError("there is nothing to take a quantile of")


def _summed(rows: Sequence[Mapping[str, Any]], key: str, value: str) -> dict[int, int]:
    sums: dict[int, int] = {}
    for row in rows:
        sums[row[key]] = sums.get(row[key], 0) + row[value]
    return sums


def _hosts(session: Session) -> dict[str, Any]:
    rows = _rows(session, "hosts", n=HOSTS_SHOWN)
    total = rows[0]["n_hosts"] if rows else 0
    shown = [{name: row[name] for name in row if name != "n_hosts"} for row in rows]
    return {"hosts": total, "largest": shown}


def _tails(session: Session, measure: str) -> list[dict[str, Any]]:
    """One entry per tenth of a measure, lowest first; equal values share one, so some lack.

    Of documents in tier 1 to 3 alone. upper: highest value in it.
    """
    found = _rows(session, "rarity", measure=measure)
    counts = {row["rarity"]: row["documents"] for row in found}
    bounds = tenth_bounds(counts)
    rows = _rows(session, "tails", measure=measure, bounds=bounds)
    ends = [*bounds, max(counts, default=0)]
    return [
        _tenth(tenth, ends[tenth] / _RARITY_SCALE, list(group))
        for tenth, group in groupby(rows, key=lambda row: row["tenth"])
    ]


def tenth_bounds(counts: Mapping[int, int]) -> list[int]:
    """The values that end each tenth but the last; counts: value -> how often."""
    if not counts:
        return []
    return [quantile(counts, (i + 1) / _TENTHS) - 1 for i in range(_TENTHS - 1)]


def _tenth(tenth: int, upper: float, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    kept = [row for row in rows if row["reason"] is None]
    dropped = [row for row in rows if row["reason"] is not None]
    return {
        "tenth": tenth + 1,
        "upper": upper,
        "documents": sum(row["documents"] for row in rows),
        "tokens": sum(row["tokens"] for row in rows),
        "kept_documents": sum(row["documents"] for row in kept),
        "kept_tokens": sum(row["tokens"] for row in kept),
        "protected": sum(row["protected"] for row in rows),
        "dropped": {row["reason"]: row["documents"] for row in dropped},
    }
