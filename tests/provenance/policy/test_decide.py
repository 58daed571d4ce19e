from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from provenance import batch
from provenance.errors import PolicyError
from provenance.policy.decide import decide
from provenance.policy.model import Policy
from provenance.session import Session

COLUMNS = ("doc_id", "no_text_reason", "lang", "n_chars", "n_tokens", "tier")


@pytest.fixture
def session() -> Iterator[Session]:
    with Session() as opened:
        yield opened


def fill(session: Session, *rows: dict[str, Any], **more: list[Any]) -> None:
    """Table `documents`, one row per dict; ids count from 0."""
    plain = {"no_text_reason": None, "lang": "en", "n_chars": 500, "n_tokens": 100, "tier": 2}
    full = [{"doc_id": bytes([i] * 16), **plain, **row} for i, row in enumerate(rows)]
    table = pa.Table.from_pylist(full, schema=batch.schema(COLUMNS))
    for name, values in more.items():
        table = table.append_column(name, pa.array(values))
    session.register("given", table)
    session.run("CREATE TABLE documents AS FROM given")


def policy(*drop: tuple[str, str], strata: tuple[tuple[str, str], ...] = ()) -> Policy:
    content: dict[str, Any] = {
        "version": 1,
        "drop": [{"when": when, "reason": reason} for when, reason in drop],
    }
    if strata:
        shares = [1.0, *[0.0] * (len(strata) - 1)]
        content["mix"] = {
            "budget": "max",
            "strata": [
                {"name": name, "where": where, "share": share}
                for (name, where), share in zip(strata, shares, strict=True)
            ],
        }
    return Policy.model_validate(content)


def test_every_rule_that_fails_is_recorded_in_order_and_the_first_is_the_reason(
    session: Session,
) -> None:
    fill(session, {"n_chars": 10, "tier": 0}, {"tier": 0}, {})

    decide(session, policy(("n_chars < 200", "too_short"), ("tier = 0", "synthetic")))

    assert session.rows("SELECT reasons, reason FROM decisions ORDER BY doc_id") == [
        (["too_short", "synthetic"], "too_short"),
        (["synthetic"], "synthetic"),
        ([], None),
    ]


def test_a_document_without_text_fails_first_for_its_own_reason(session: Session) -> None:
    fill(session, {"no_text_reason": "html_too_deep", "n_chars": None, "tier": 0})

    decide(session, policy(("n_chars < 200", "too_short"), ("tier = 0", "synthetic")))

    assert session.rows("SELECT reasons, reason FROM decisions") == [
        (["html_too_deep", "synthetic"], "html_too_deep")
    ]


def test_a_predicate_that_is_null_counts_as_false(session: Session) -> None:
    fill(session, {"lang": None})

    decide(session, policy(("lang <> 'en'", "foreign"), strata=(("english", "lang = 'en'"),)))

    assert session.rows("SELECT reasons, reason, stratum FROM decisions") == [([], None, None)]


def test_two_rules_may_share_a_reason(session: Session) -> None:
    fill(session, {"n_chars": 10, "n_tokens": 1})

    decide(session, policy(("n_chars < 200", "too_short"), ("n_tokens < 5", "too_short")))

    assert session.rows("SELECT reasons FROM decisions") == [(["too_short"],)]


def test_the_first_stratum_that_holds_takes_the_document(session: Session) -> None:
    fill(session, {"tier": 1}, {"tier": 2}, {"tier": 3})

    decide(session, policy(strata=(("human", "tier = 1"), ("web", "tier in (1, 2)"))))

    assert session.rows("SELECT stratum FROM decisions ORDER BY doc_id") == [
        ("human",), ("web",), (None,),
    ]  # fmt: skip


def test_more_than_ten_rules_keep_their_order(session: Session) -> None:
    fill(session, {})

    decide(session, policy(*[("tier = 2", f"rule_{i}") for i in range(12)]))

    assert session.rows("SELECT reasons FROM decisions") == [([f"rule_{i}" for i in range(12)],)]


def test_all_columns_of_the_documents_are_carried_over(session: Session) -> None:
    fill(session, {}, part=[7])

    decide(session, policy())

    names = [name for name, *_ in session.rows("DESCRIBE decisions")]
    assert names == [
        *COLUMNS,
        "part",
        "rarity",
        "ngram_novelty",
        "stratum",
        "firm_reason",
        "reasons",
        "reason",
        "protected",
    ]


def test_given_rarity_is_kept(session: Session) -> None:
    fill(session, {}, rarity=[0.25])

    decide(session, policy())

    assert session.rows("SELECT rarity FROM decisions") == [(0.25,)]


def test_a_policy_built_in_code_cannot_reach_a_file(session: Session) -> None:
    fill(session, {})
    predicate = "(SELECT count(*) FROM read_text('/etc/passwd')) > 0"

    with pytest.raises(PolicyError) as caught:
        decide(session, policy((predicate, "nosy")))

    assert str(caught.value) == f"predicate {predicate!r}: a subquery is not allowed"


def test_a_column_that_the_documents_lack_is_a_fault_of_the_policy(session: Session) -> None:
    fill(session, {})

    with pytest.raises(PolicyError, match=r'a predicate failed: .*"is_keeper" not found'):
        decide(session, policy(("not is_keeper", "duplicate")))


def test_a_predicate_that_fails_on_a_value_is_a_fault_of_the_policy(session: Session) -> None:
    fill(session, {"lang": "en"})

    with pytest.raises(PolicyError, match="a predicate failed: Could not convert string"):
        decide(session, policy(("CAST(lang AS INTEGER) > 3", "odd")))


def test_deciding_again_starts_afresh(session: Session) -> None:
    fill(session, {"tier": 0})
    decide(session, policy(("tier = 0", "synthetic")))

    decide(session, policy())

    assert session.rows("SELECT reasons FROM decisions") == [([],)]


def test_no_documents_give_no_decisions(session: Session) -> None:
    fill(session)

    decide(session, policy(("tier = 0", "synthetic")))

    assert session.row("SELECT count(*) FROM decisions") == (0,)
