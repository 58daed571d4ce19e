from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance import batch
from provenance.errors import PolicyError
from provenance.policy.decide import decide
from provenance.policy.mix import MixReport, StratumReport, mix
from provenance.policy.model import Policy
from provenance.session import Session

COLUMNS = ("doc_id", "no_text_reason", "n_tokens", "tier")
DECIDED = batch.schema(("doc_id", *batch.added_by("decide")))

Row = tuple[int, int]  # tier, n_tokens


@pytest.fixture
def session() -> Iterator[Session]:
    with Session() as opened:
        yield opened


def documents(rows: list[Row]) -> list[dict[str, Any]]:
    generator = random.Random(4)
    return [
        {"doc_id": generator.randbytes(16), "no_text_reason": None, "n_tokens": n, "tier": tier}
        for tier, n in rows
    ]


def run(session: Session, rows: list[dict[str, Any]], content: dict[str, Any],
        rarity: list[float | None] | None = None) -> MixReport:  # fmt: skip
    table = pa.Table.from_pylist(rows, schema=batch.schema(COLUMNS))
    if rarity is not None:
        table = table.append_column("rarity", pa.array(rarity, pa.float32()))
    session.register("given", table)
    session.run("CREATE OR REPLACE TABLE documents AS FROM given")
    policy = Policy.model_validate({"version": 1, **content})
    decide(session, policy)
    return mix(session, policy)


def mixed(budget: int | str, *, human: float = 0.5, epochs: int = 2, **more: Any) -> dict[str, Any]:
    strata = [
        {"name": "human", "where": "tier = 1", "share": human, "max_epochs": epochs},
        {"name": "web", "where": "tier = 2", "share": 1 - human},
    ]
    return {
        "drop": [{"when": "tier = 0", "reason": "synthetic"}],
        "mix": {"budget": budget, "strata": strata, **more},
    }


def test_every_document_gets_a_decision_a_reason_for_absence_and_its_epochs(
    session: Session,
) -> None:
    rows = documents([(1, 10), (2, 20), (2, 20), (3, 5), (0, 5)])
    rows.append({**documents([(3, 0)] * 6)[5], "no_text_reason": "no_main_text", "n_tokens": None})

    run(session, rows, mixed(40))

    table = batch.restamp(session.table("FROM decisions"), DECIDED).to_pylist()
    outcome = {row["doc_id"]: row for row in table}
    in_order = [outcome[row["doc_id"]] for row in rows]
    kept_web = sorted(in_order[1:3], key=lambda row: row["decision"])
    found = [
        (row["stratum"], row["decision"], row["reason"], row["reasons"], row["epochs"])
        for row in (in_order[0], *kept_web, *in_order[3:])
    ]
    assert found == [
        ("human", "keep", None, [], 2),
        ("web", "drop", "over_budget", ["over_budget"], 0),
        ("web", "keep", None, [], 1),
        (None, "drop", "no_stratum", ["no_stratum"], 0),
        (None, "drop", "synthetic", ["synthetic", "no_stratum"], 0),
        (None, "drop", "no_main_text", ["no_main_text", "no_stratum"], 0),
    ]


def test_the_report_counts_every_document_and_token(session: Session) -> None:
    rows = documents([(1, 10), (2, 20), (2, 20), (3, 5), (0, 5)])

    report = run(session, rows, mixed(400, infeasible="shrink"))

    assert report == MixReport(
        documents=5,
        kept_documents=2,
        kept_tokens=40,
        dropped={"no_stratum": 1, "over_budget": 1, "synthetic": 1},
        asked_tokens=400,
        budget_tokens=40,
        strata=(
            StratumReport(
                name="human", share=0.5, max_epochs=2, supply_documents=1, supply_tokens=10,
                target_tokens=20, kept_documents=1, kept_tokens=20, epochs=2.0,
                share_achieved=0.5, shortfall_tokens=180,
            ),
            StratumReport(
                name="web", share=0.5, max_epochs=1, supply_documents=2, supply_tokens=40,
                target_tokens=20, kept_documents=1, kept_tokens=20, epochs=0.5,
                share_achieved=0.5, shortfall_tokens=180,
            ),
        ),
    )  # fmt: skip


def test_without_a_mix_everything_that_no_rule_dropped_counts_once(session: Session) -> None:
    content = {"drop": [{"when": "tier = 0", "reason": "synthetic"}]}

    report = run(session, documents([(1, 10), (3, 0), (0, 5)]), content)

    assert report == MixReport(
        documents=3, kept_documents=2, kept_tokens=10, dropped={"synthetic": 1},
        asked_tokens=None, budget_tokens=None, strata=(),
    )  # fmt: skip
    assert session.rows("SELECT decision, epochs, weight FROM decisions ORDER BY tier") == [
        ("drop", 0, 1.0), ("keep", 1, 1.0), ("keep", 1, 1.0),
    ]  # fmt: skip


def test_an_infeasible_mix_changes_nothing(session: Session) -> None:
    with pytest.raises(PolicyError, match="the largest feasible budget is 40 tokens"):
        run(session, documents([(1, 10), (2, 90)]), mixed(1000))

    names = [name for name, *_ in session.rows("DESCRIBE decisions")]
    assert "decision" not in names


def test_dropped_documents_are_no_supply(session: Session) -> None:
    content = mixed(20)
    content["drop"] = [{"when": "n_tokens = 30", "reason": "odd"}]
    rows = documents([(1, 10), (1, 30), (2, 30), (2, 10)])

    report = run(session, rows, content)

    assert [stratum.supply_tokens for stratum in report.strata] == [10, 10]
    assert session.rows("SELECT n_tokens, decision, epochs FROM decisions ORDER BY ALL") == [
        (10, "keep", 1), (10, "keep", 1), (30, "drop", 0), (30, "drop", 0),
    ]  # fmt: skip


def test_rare_human_documents_weigh_more_and_synthetic_or_dropped_ones_do_not(
    session: Session,
) -> None:
    content = {
        "drop": [{"when": "n_tokens = 0", "reason": "empty"}],
        "tails": {"protect": 0.5, "max_weight": 4},
    }
    rows = documents([(1, 1), (1, 2), (2, 3), (2, 4), (0, 5), (1, 0), (3, 7)])

    run(session, rows, content, rarity=[0.9, 0.8, 0.1, 0.0, 0.99, 0.95, None])

    # Four count: the rarest 4, the next 1 + 3 * (1 - (1/4) / 0.5) = 2.5.
    assert session.rows("SELECT n_tokens, weight FROM decisions ORDER BY n_tokens") == [
        (0, 1.0), (1, 4.0), (2, 2.5), (3, 1.0), (4, 1.0), (5, 1.0), (7, 1.0),
    ]  # fmt: skip


def test_the_policy_says_by_which_column_documents_are_rare(session: Session) -> None:
    rows = documents([(1, 1), (1, 2)])
    table = pa.Table.from_pylist(rows, schema=batch.schema(COLUMNS))
    table = table.append_column("rarity", pa.array([0.9, 0.1], pa.float32()))
    table = table.append_column("ngram_novelty", pa.array([0.3, 0.4], pa.float32()))
    session.register("given", table)
    session.run("CREATE OR REPLACE TABLE documents AS FROM given")
    heaviest = {}
    for measure in ("rarity", "ngram_novelty"):
        tails = {"protect": 0.5, "max_weight": 3, "measure": measure}
        policy = Policy.model_validate({"version": 1, "tails": tails})
        decide(session, policy)
        mix(session, policy)
        heaviest[measure] = session.rows("SELECT n_tokens FROM decisions WHERE weight > 1")

    assert heaviest == {"rarity": [(1,)], "ngram_novelty": [(2,)]}


def test_no_documents_without_a_mix_are_an_empty_dataset(session: Session) -> None:
    assert run(session, [], {}).documents == 0


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40)), max_size=30),
    st.sampled_from([0.0, 0.1, 0.25, 0.7, 1.0]),
    st.integers(1, 200),
    st.integers(1, 3),
)
def test_rows_are_conserved_and_shares_are_exact_to_half_a_document(
    rows: list[Row], human: float, budget: int, epochs: int
) -> None:
    content = mixed(budget, human=human, epochs=epochs, infeasible="shrink")
    with Session() as session:
        try:
            report = run(session, documents(rows), content)
        except PolicyError:
            assert any(
                share and not any(tier == wanted and n for tier, n in rows)
                for share, wanted in ((human, 1), (1 - human, 2))
            )
            return

        (kept,) = session.row("SELECT count(*) FROM decisions WHERE decision = 'keep'")

    assert report.documents == len(rows) == report.kept_documents + sum(report.dropped.values())
    assert kept == report.kept_documents
    largest = max(n for _, n in rows)
    for stratum in report.strata:
        assert abs(stratum.kept_tokens - stratum.target_tokens) <= largest / 2


def test_the_rows_may_come_in_any_order(session: Session) -> None:
    rows = documents([(tier, n) for tier in (1, 2) for n in range(1, 60)])
    query = "SELECT doc_id, epochs FROM decisions ORDER BY doc_id"

    run(session, rows, mixed(500))
    forwards = session.rows(query)
    run(session, rows[::-1], mixed(500))

    assert session.rows(query) == forwards


def outcomes(session: Session) -> dict[bytes, dict[str, Any]]:
    return {row["doc_id"]: row for row in session.table("FROM decisions").to_pylist()}


def test_a_host_offers_no_more_than_its_cap_and_a_larger_budget_only_adds(
    session: Session,
) -> None:
    rows = [{**row, "lang": "en"} for row in documents([(1, 10)] * 30 + [(2, 10)] * 30)]
    hosts = ["a.example", "b.example", None] * 20
    table = pa.Table.from_pylist(rows, schema=batch.schema((*COLUMNS, "lang")))
    session.register("given", table.append_column("host", pa.array(hosts)))
    session.run("CREATE OR REPLACE TABLE documents AS FROM given")
    chosen: list[set[bytes]] = []
    for budget in (100, 200, 280):
        policy = Policy.model_validate({"version": 1, **mixed(
            budget, epochs=1, caps={"host": 100, "lang": {"en": "280 tokens", "de": 1}}
        )})  # fmt: skip
        decide(session, policy)
        mix(session, policy)
        found = outcomes(session)
        chosen.append({doc for doc, row in found.items() if row["decision"] == "keep"})

    assert chosen[0] < chosen[1] < chosen[2]
    by_host: dict[str | None, int] = {}
    for row, host in zip(rows, hosts, strict=True):
        by_host[host] = by_host.get(host, 0) + 10 * (row["doc_id"] in chosen[2])
    assert max(by_host["a.example"], by_host["b.example"]) <= 100
    dropped = [row["reason"] for row in found.values() if row["decision"] == "drop"]
    assert dropped.count("over_host_cap") == 20
    assert dropped.count("over_lang_cap") == 12


QUALITY = {
    "drop": [
        {"when": "quality_stop_words < 2", "reason": "no_prose"},
        {"when": "tier = 3", "reason": "unknown"},
    ],
    "tails": {"protect": 0.25, "max_weight": 2},
}


def quality_run(session: Session, rows: list[dict[str, Any]], rarity: list[float | None]) -> None:
    """A run in which every document fails a rule over a quality column."""
    table = pa.Table.from_pylist(rows, schema=batch.schema(COLUMNS))
    table = table.append_column("rarity", pa.array(rarity, pa.float32()))
    table = table.append_column("quality_stop_words", pa.array([0.0] * len(rows), pa.float32()))
    session.register("given", table)
    session.run("CREATE OR REPLACE TABLE documents AS FROM given")
    policy = Policy.model_validate({"version": 1, **QUALITY})
    decide(session, policy)
    mix(session, policy)


def test_a_rule_over_quality_columns_never_drops_the_rarest_human_documents(
    session: Session,
) -> None:
    rows = documents([(1, 10)] * 6 + [(0, 10), (3, 10)])

    quality_run(session, rows, [0.1, 0.2, 0.3, 0.4, 0.9, 0.8, 1.0, None])

    found = outcomes(session)
    kept = [found[row["doc_id"]]["protected"] for row in rows]
    assert kept == [False, False, False, False, True, True, False, False]
    for row in rows[4:6]:
        outcome = found[row["doc_id"]]
        assert (outcome["decision"], outcome["reason"]) == ("keep", None)
        assert outcome["reasons"] == ["no_prose"]
    assert {found[row["doc_id"]]["reason"] for row in rows[:4]} == {"no_prose"}


def test_protection_is_of_no_avail_against_other_rules(session: Session) -> None:
    rows = documents([(3, 10)] * 4)

    quality_run(session, rows, [0.1, 0.2, 0.3, 0.9])

    assert [found["reasons"] for found in outcomes(session).values()] == [
        ["no_prose", "unknown"]
    ] * 4
    assert not any(found["protected"] for found in outcomes(session).values())
