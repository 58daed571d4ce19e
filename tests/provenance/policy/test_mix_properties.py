"""What every mix promises, whatever its strata, supplies, caps, epochs, weights and seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance import batch
from provenance.errors import PolicyError
from provenance.policy.decide import decide
from provenance.policy.mix import MixReport, mix
from provenance.policy.model import Policy
from provenance.session import Session

HOSTS = ("a.example", "b.example", "c.example", None)
LANGS = ("en", "de", None)
COLUMNS = ("doc_id", "no_text_reason", "n_tokens", "tier", "host", "lang", "rarity")

Document = dict[str, Any]


@dataclass(frozen=True)
class Mixed:
    """A mix: its report, and what became of each document."""

    report: MixReport
    outcome: dict[bytes, dict[str, Any]]

    def tokens(self, where: str, value: str, *, without: tuple[str, ...]) -> list[int]:
        """Tokens of the documents with this value that none of these reasons dropped."""
        return [
            row["n_tokens"]
            for row in self.outcome.values()
            if row[where] == value and row["reason"] not in (*without, "no_stratum")
        ]


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session() as opened:
        yield opened


def mixed(session: Session, documents: list[Document], content: dict[str, Any]) -> Mixed | None:
    """None where no budget is feasible: a stratum with a share has no tokens."""
    table = pa.Table.from_pylist(documents, schema=batch.schema(COLUMNS))
    session.register("given", table)
    session.run("CREATE OR REPLACE TABLE documents AS FROM given")
    policy = Policy.model_validate({"version": 1, **content})
    decide(session, policy)
    try:
        report = mix(session, policy)
    except PolicyError as error:
        if "no budget is feasible" not in str(error):
            raise
        return None
    rows = session.table("FROM decisions").to_pylist()
    return Mixed(report, {row["doc_id"]: row for row in rows})


def document(random: Random, longest: int) -> Document:
    return {
        "tier": random.randrange(4),
        "n_tokens": random.choice([None, 0, 5, 10, random.randint(0, longest)]),
        "host": random.choice(HOSTS),
        "lang": random.choice(LANGS),
        "rarity": random.choice([None, random.random()]),
    }


@st.composite
def documents_of_all_sorts(draw: st.DrawFn) -> list[Document]:
    """Among them one of each tier that no cap touches, so that most mixes are feasible."""
    random = Random(draw(st.integers(0, 2**32)))
    longest = draw(st.sampled_from([10, 30, 10**9]))
    rows = [document(random, longest) for _ in range(draw(st.integers(0, 60)))]
    safe = {"n_tokens": longest, "host": None, "lang": None, "rarity": None}
    rows += [{"tier": tier, **safe} for tier in range(4)]
    return [{"doc_id": random.randbytes(16), **row} for row in rows]


@st.composite
def policies(draw: st.DrawFn) -> dict[str, Any]:
    """Policies that differ in everything but the budget; a stratum is a tier."""
    tiers = draw(st.permutations(range(4)))[: draw(st.integers(1, 4))]
    cuts = sorted(draw(st.lists(st.integers(0, 100), min_size=len(tiers) - 1,
                                max_size=len(tiers) - 1)))  # fmt: skip
    shares = [(b - a) / 100 for a, b in zip([0, *cuts], [*cuts, 100], strict=True)]
    tokens = st.one_of(st.sampled_from([10, 15, 30]), st.integers(1, 100), st.integers(1, 10**9))
    caps: dict[str, Any] = {"lang": draw(st.dictionaries(st.sampled_from(["en", "de"]), tokens))}
    if draw(st.booleans()):
        caps["host"] = draw(tokens)
    strata = [
        {"name": f"tier_{tier}", "where": f"tier = {tier}", "share": share,
         "max_epochs": draw(st.integers(1, 3))}
        for tier, share in zip(tiers, shares, strict=True)
    ]  # fmt: skip
    return {
        "mix": {"strata": strata, "caps": caps, "infeasible": "shrink"},
        "tails": {"protect": draw(st.sampled_from([0.1, 0.5, 1])), "max_weight": 8},
        "seed": draw(st.integers(0, 2**63 - 1)),
    }


def with_budget(policy: dict[str, Any], budget: int | str) -> dict[str, Any]:
    return {**policy, "mix": {**policy["mix"], "budget": budget}}


budgets = st.sampled_from(["max", 7, 20, 50, 100, 200, 10**8, 10**9, 10**10])
examples = settings(max_examples=20, deadline=None)


@examples
@given(documents_of_all_sorts(), policies(), budgets)
def test_shares_are_exact_to_half_a_document_of_the_stratum(
    session: Session, documents: list[Document], policy: dict[str, Any], budget: int | str
) -> None:
    found = mixed(session, documents, with_budget(policy, budget))

    for stratum in found.report.strata if found else ():
        own = [
            row["n_tokens"] or 0
            for row in found.outcome.values()
            if (row["stratum"] == stratum.name and row["decision"] == "keep")
            or (row["stratum"] == stratum.name and row["reason"] == "over_budget")
        ]
        assert abs(stratum.kept_tokens - stratum.target_tokens) <= max(own, default=0) / 2
        assert stratum.target_tokens == pytest.approx(
            stratum.share * (found.report.budget_tokens or 0), abs=1
        )


@examples
@given(documents_of_all_sorts(), policies(), budgets)
def test_no_cap_is_exceeded_and_whatever_still_fits_is_offered(
    session: Session, documents: list[Document], policy: dict[str, Any], budget: int | str
) -> None:
    found = mixed(session, documents, with_budget(policy, budget))
    if found is None:
        return
    caps, epochs = policy["mix"]["caps"], max(s["max_epochs"] for s in policy["mix"]["strata"])
    host_caps = [("host", host, caps["host"]) for host in HOSTS if host and "host" in caps]
    lang_caps = [("lang", lang, cap) for lang, cap in caps["lang"].items()]
    for column, value, cap in (*host_caps, *lang_caps):
        over = f"over_{column}_cap"
        # Host caps come first: what the language leaves out afterwards took its place there.
        taken_off = (over,) if column == "host" else (over, "over_host_cap")
        offered = sum(n or 0 for n in found.tokens(column, value, without=taken_off))
        assert offered <= cap
        for row in found.outcome.values():
            if row[column] == value and row["reason"] == over:
                assert offered + row["n_tokens"] > cap
        kept = sum((row["n_tokens"] or 0) * row["epochs"] for row in found.outcome.values()
                   if row[column] == value)  # fmt: skip
        assert kept <= cap * epochs


@examples
@given(documents_of_all_sorts(), policies(), budgets, budgets)
def test_a_larger_budget_counts_no_document_less_often_under_caps_too(
    session: Session, documents: list[Document], policy: dict[str, Any], one: Any, other: Any
) -> None:
    mixes = [mixed(session, documents, with_budget(policy, budget)) for budget in (one, other)]

    if mixes[0] is None or mixes[1] is None:
        return
    small, large = sorted(mixes, key=lambda m: m.report.budget_tokens if m else 0)
    for doc_id, row in small.outcome.items():
        assert row["epochs"] <= large.outcome[doc_id]["epochs"]


@examples
@given(documents_of_all_sorts(), policies(), budgets, st.randoms(use_true_random=False))
def test_the_same_seed_decides_the_same_for_any_order_of_the_input(
    session: Session, documents: list[Document], policy: dict[str, Any], budget: Any, random: Random
) -> None:
    content = with_budget(policy, budget)
    shuffled = random.sample(documents, len(documents))

    assert mixed(session, shuffled, content) == mixed(session, documents, content)
