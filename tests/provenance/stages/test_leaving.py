"""Documents leave the cascade early, and not one decision is another for it."""

from __future__ import annotations

import functools
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from panels import NAMES, fusion, panel, three

from detectors.cascade import Judged, Reach, Settled, judge
from provenance import batch
from provenance.errors import InputError
from provenance.policy.cuts import cuts
from provenance.policy.load import parse
from provenance.policy.model import Policy
from provenance.session import Session
from provenance.stages.leaving import leaving, same_surface, surface

DAYS = [datetime(year, month, 9, tzinfo=UTC) for year in range(2017, 2026) for month in (1, 7)]
FACTS = [
    {"kind": "declared_synthetic", "polarity": "synthetic", "strength": "moderate", "detail": None},
    {"kind": "declared_mixed", "polarity": "synthetic", "strength": "weak", "detail": None},
    {"kind": "credential_valid", "polarity": "human", "strength": "decisive", "detail": None},
    {"kind": "capture", "polarity": "neutral", "strength": "weak", "detail": None},
]
PREDICATES = [
    "p_low > {}", "{} > p_synthetic", "p_synthetic between {} and 0.9", "p_high < {} and tier = 3",
    "tier = 0", "tier in (2, 3) and p_synthetic < {}", "human_tail <= {}", "llr > {}",
    "not (llr_high >= {})", "tier_reason = 'uncertain' or llr_low > {}", "n_chars < 200",
]  # fmt: skip
SHARE = st.sampled_from([0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.8, 0.99])


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    rules = draw(st.lists(st.tuples(st.sampled_from(PREDICATES), SHARE), max_size=3))
    priors = ", ".join(
        f"{month}: {draw(SHARE)}" for month in ("before_2019-02", "2019-02", "2022-12", "2024-06")
    )
    lines = [
        "version: 1",
        f"cutoff: {draw(st.sampled_from(['2019-01-01', '2022-01-01', '2023-03-01']))}",
        f"false_positive_rate: {draw(st.sampled_from([0.002, 0.01, 0.05, 0.2]))}",
        f"prior: {{{priors}}}",
        *(["drop:"] if rules else []),
        *(f'  - {{when: "{text.format(share)}", reason: r{i}}}'
          for i, (text, share) in enumerate(rules)),
    ]  # fmt: skip
    return parse("\n".join(lines))


def documents(rng: np.random.Generator, n: int = 60) -> pa.RecordBatch:
    """Captures of any date, with any evidence, of sites listed or not."""
    captured = [DAYS[i] if i < len(DAYS) else None for i in rng.integers(0, len(DAYS) + 2, n)]
    evidence = [[FACTS[i] for i in range(len(FACTS)) if rng.random() < 0.1] for _ in range(n)]
    urls = [f"https://{'listed' if rng.random() < 0.1 else 'other'}.example/{i}" for i in range(n)]
    columns = [pa.array(urls), pa.array(captured, batch.TIMESTAMP),
               pa.array(evidence, batch.EVIDENCE)]  # fmt: skip
    return pa.record_batch(columns, schema=batch.schema(["url", "captured_at", "evidence"]))


def scores(rng: np.random.Generator, n: int) -> list[dict[str, float]]:
    """What the detectors say of texts "0", "1", ...; some of it nothing."""
    level = rng.normal(1.0, 2.5, n)
    return [
        {str(i): float(level[i] + rng.normal(0, 1.5)) for i in range(n) if rng.random() < 0.9}
        for _ in NAMES
    ]


def detected(
    told: list[dict[str, float]],
    languages: list[str],
    settled: Settled | None,
) -> Judged:
    texts = [str(i) for i in range(len(languages))]
    return judge(panel(three(told)), fusion(), texts, languages, settled=settled)


def decided(
    policy: Policy, rows: pa.RecordBatch, judged: Judged, lent: list[datetime | None]
) -> list[dict[str, Any]]:
    """Tier, reason of the tier, and the rules that hold, of each document; lent: first_seen."""
    fused = judged.fused
    said = {name: pa.array(getattr(fused, name), pa.float32(), from_pandas=True)
            for name in ("llr", "llr_low", "llr_high", "human_tail")}  # fmt: skip
    table = batch.append(rows, {**said, "first_seen": pa.array(lent, batch.TIMESTAMP)})
    graded = leaving(surface(policy.model_copy(update={"drop": ()})) or {}).grade(table)
    graded = batch.append(graded, {"n_chars": pa.array([500] * len(lent), pa.int64())})
    with Session() as session:
        session.register("given", pa.Table.from_batches([graded]))
        session.run("CREATE TABLE documents AS SELECT * EXCLUDE (evidence) FROM given")
        rules = {f"rule_{i}": rule.when for i, rule in enumerate(policy.drop)}
        session.project("documents", "ruled", rules)
        found = session.table(
            "SELECT tier, tier_reason, COLUMNS('^(rule_[0-9]+|url)$') FROM ruled ORDER BY url"
        )
    return [{name: value or False for name, value in row.items()} for row in found.to_pylist()]


LEFT: list[int] = []


@settings(deadline=None, max_examples=60)
@given(policies(), st.integers(0, 2**32 - 1))
def test_decisions_with_the_cascade_are_those_without(policy: Policy, seed: int) -> None:
    """For random scores, policies, dates, evidence, and dates lent by earlier copies."""
    rng = np.random.default_rng(seed)
    rows = documents(rng)
    told, languages = scores(rng, len(rows)), rng.choice(["en", "de"], len(rows), p=[0.8, 0.2])
    made = surface(policy)
    assert made is not None
    decider = leaving(made)

    early = detected(told, languages.tolist(), lambda reach: decider.settled(rows, reach))
    whole = detected(told, languages.tolist(), None)

    own = rows.column("captured_at").to_pylist()
    earlier = [DAYS[i] for i in rng.integers(0, len(DAYS), len(rows))]
    lent = [min(a, b) if a and rng.random() < 0.5 else a if a else b
            for a, b in zip(own, earlier, strict=True)]  # fmt: skip
    for seen in (own, lent):
        assert decided(policy, rows, early, seen) == decided(policy, rows, whole, seen)
    LEFT.append(sum(reason == "not_needed" for reason in early.reasons["dear"]))


def test_some_documents_left_and_some_stayed() -> None:
    """Else the property above would say nothing."""
    assert 0 < sum(LEFT) < 60 * len(LEFT)


def reach(least: float, most: float) -> Reach:
    """Of one document, whose p value may still be anything."""
    ends = (np.array([least]), np.array([most]))
    return Reach(ends, ends, (np.array([0.001]), np.array([1.0])), np.array([False]))


@pytest.mark.parametrize(("month", "left"), [("before_2019-02", [False]), ("2025-01", [True])])
def test_a_document_stays_when_an_earlier_copy_could_make_the_difference(
    month: str, left: list[bool]
) -> None:
    """Of a prior of one half before 2019, or only after the capture, where no copy can be."""
    likely, rare = (0.5, 0.001) if month.startswith("before") else (0.001, 0.5)
    policy = parse(
        f"version: 1\ncutoff: 2015-01-01\nprior: {{before_2019-02: {likely}, 2019-02: 0.001,"
        f' 2025-01: {rare}}}\ndrop: [{{when: "p_synthetic > 0.5", reason: r}}]\n'
    )
    columns = [pa.array([None], pa.string()), pa.array([DAYS[15]], batch.TIMESTAMP),
               pa.array([[FACTS[1]]], batch.EVIDENCE)]  # fmt: skip
    rows = pa.record_batch(columns, schema=batch.schema(["url", "captured_at", "evidence"]))

    settled = leaving(surface(policy) or {}).settled(rows, reach(-5.0, 5.0))

    assert settled.tolist() == left


def policy_of(predicate: str) -> Policy:
    return parse(f'version: 1\ndrop: [{{when: "{predicate}", reason: r}}]\n')


@pytest.mark.parametrize(
    ("predicate", "found"),
    [
        ("n_chars < 200 and host = 'a'", ()),
        ("tier = 3 and P_LOW > 0.5", (("p_low", 0.5),)),
        ("0.25 >= p_synthetic or llr < -2", (("llr", -2.0), ("p_synthetic", 0.25))),
        ("human_tail between 1e-3 and 0.1", (("human_tail", 0.001), ("human_tail", 0.1))),
        ("case when p_high < 1 then tier in (1, 2) else false end", (("p_high", 1.0),)),
        ("tier_reason like 'detected%'", ()),
        ("p_low + 0.1 > 0.5", None),
        ("p_low > p_synthetic", None),
        ("llr is null", None),
        ("score_linear > 2", None),
        ("abstained is not null", None),
        ("p_low > rarity", None),
        ("cast(p_low as double) > 0.5", None),
    ],
)
def test_a_policy_is_cut_where_it_compares_detection_with_numbers(
    predicate: str, found: tuple[tuple[str, float], ...] | None
) -> None:
    assert cuts(policy_of(predicate)) == found
    assert (surface(policy_of(predicate)) is None) == (found is None)


def test_views_and_strata_cut_too() -> None:
    policy = parse(
        'version: 1\nviews: {v: "p_high < 0.2"}\n'
        'mix: {budget: max, strata: [{name: a, where: "p_low > 0.4", share: 1.0}]}\n'
    )

    assert cuts(policy) == (("p_high", 0.2), ("p_low", 0.4))


def test_a_table_of_sources_that_changed_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "sources.csv"
    table.write_text("site,class\nlisted.example,partner\n")
    made = surface(parse("version: 1\n").model_copy(update={"sources": str(table)}))
    assert made is not None
    table.write_text("site,class\nlisted.example,publisher\n")

    with pytest.raises(InputError, match="table of sources is no longer the one"):
        leaving(made)


def test_surfaces_are_the_same_wherever_their_sources_lie(tmp_path: Path) -> None:
    policy = parse("version: 1\n")
    made = functools.partial(policy.model_copy)
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("site,class\nlisted.example,partner\n")
    one, other = (surface(made(update={"sources": str(tmp_path / n)})) for n in ("a.csv", "b.csv"))
    assert one is not None
    assert other is not None

    assert same_surface(one, other)
    assert not same_surface(one, surface(policy))
    assert not same_surface(one, None)
