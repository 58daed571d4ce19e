from __future__ import annotations

from provenance import batch
from provenance.policy import predicates
from provenance.policy.load import default_policy, parse
from provenance.policy.predicates import PredicateFault, faults

RIGHT = (
    "n_chars < 200",
    "tier in (1, 2) and not (lang is null)",
    "N_CHARS between 1 and 2",
    "captured_at < DATE '2022-01-01'",
    "captured_at - INTERVAL 3 DAY < first_seen",
    "len(list_filter(evidence, lambda e: e.kind = 'credential')) > 0",
    "evidence[1].kind = 'x'",
    "case when tier = 0 then true else false end",
    "lower(host) like '%.gov' or host ~ 'a+'",
    "n_tokens::double / n_chars > 2",
    "nullif(lang, 'x') is null",
    "split_part(host, '.', 1) = 'www'",
    "coalesce(source_class, 'unknown') = 'news'",
    "try_cast(lang as int) = 1",
)

_OTHERS = "looks at other documents; a rule sees one at a time"
_UNSTABLE = "may answer differently on another run or machine; a decision must not"

WRONG = {
    "n_char < 200": PredicateFault("no column 'n_char'", "n_chars"),
    "columns.n_chars < 200": PredicateFault("no column 'columns'"),
    "stratum = 'x'": PredicateFault(
        "column 'stratum' is decided by the policy itself, so its rules cannot read it"
    ),
    "length(text) > 1": PredicateFault("column 'text' is not loaded when a policy decides"),
    "flor(n_chars) > 1": PredicateFault("no function 'flor'", "floor"),
    "read_text('/etc/passwd') = 'x'": PredicateFault("no function 'read_text'", "greatest"),
    "getenv('HOME') = 'x'": PredicateFault("no function 'getenv'", "even"),
    "(select count(*) from read_text('/etc/passwd')) > 0": PredicateFault(
        "a subquery is not allowed"
    ),
    "exists(from columns)": PredicateFault("a subquery is not allowed"),
    "tier in (select 1)": PredicateFault("a subquery is not allowed"),
    "max(n_chars) > 3": PredicateFault(f"function 'max' {_OTHERS}"),
    "row_number() over () = 1": PredicateFault(
        "a window function looks at other documents; a rule sees one at a time"
    ),
    "random() < 0.5": PredicateFault(f"'random' {_UNSTABLE}"),
    "captured_at > now()": PredicateFault(f"'now' {_UNSTABLE}"),
    "captured_at > current_date": PredicateFault(f"'current_date' {_UNSTABLE}"),
    "captured_at > ago(INTERVAL 1 DAY)": PredicateFault(f"'ago' {_UNSTABLE}"),
    "current_setting('threads') = '2'": PredicateFault(f"'current_setting' {_UNSTABLE}"),
    "COLUMNS('tier')": PredicateFault("name one column; '*' and COLUMNS are not allowed"),
    "tier = $tier": PredicateFault("parameters ($, ?) are not allowed"),
    "n_chars": PredicateFault("a predicate must be true or false; this is BIGINT"),
    "n_chars <": PredicateFault('no valid SQL: syntax error at or near "<"'),
    "tier = 1; drop table documents": PredicateFault(
        "no valid SQL: Only SELECT statements can be serialized to json!"
    ),
    "tier = 1, tier = 2": PredicateFault(
        "Please provide only a single expression to SQLExpression, found 2 expressions in the "
        "parsed string"
    ),
    "true from documents": PredicateFault(
        '"true from documents" is not an expression list: it holds a FROM clause'
    ),
    "not " * 495 + "true": PredicateFault("no valid SQL: the expression is nested too deeply"),
}


def test_right_predicates_have_no_fault() -> None:
    assert dict(zip(RIGHT, faults(RIGHT), strict=True)) == dict.fromkeys(RIGHT)


def test_each_wrong_predicate_has_its_message() -> None:
    assert dict(zip(WRONG, faults(list(WRONG)), strict=True)) == WRONG


def test_a_column_that_a_policy_decides_is_never_one_it_may_read() -> None:
    assert not set(predicates.PREDICATE_COLUMNS) & set(batch.added_by("decide"))


def test_no_predicate_needs_no_database() -> None:
    assert faults([]) == []


def test_the_columns_read_are_those_that_every_decision_needs_and_those_named() -> None:
    policy = parse(default_policy())

    assert predicates.columns_read(policy) == (
        "doc_id", "no_text_reason", "n_chars", "n_tokens", "is_keeper", "p_low", "tier",
    )  # fmt: skip
