"""What users read when something is wrong."""

from __future__ import annotations

import pytest

import provenance
from provenance import errors, reasons
from provenance.errors import InputError, Problem, RunError, nearest


def test_a_problem_says_where_what_the_nearest_and_what_is_accepted() -> None:
    problem = Problem("policy.yaml:3", "unknown key 'shares'", "share, name", "share")

    assert str(problem) == (
        "policy.yaml:3: unknown key 'shares'; did you mean 'share'? (accepted: share, name)"
    )


def test_a_request_error_holds_every_problem() -> None:
    error = InputError([Problem("a", "missing"), Problem("b", "missing")])

    assert (len(error.problems), str(error)) == (2, "a: missing\nb: missing")


@pytest.mark.parametrize(("error", "code"), [
    (InputError(Problem("a", "b")), 2), (RunError("died", shard="x"), 1),
])  # fmt: skip
def test_errors_know_their_exit_status(error: errors.ProvenanceError, code: int) -> None:
    assert error.exit_code == code


def test_a_run_error_names_shard_and_attempt() -> None:
    assert str(RunError("died", shard="a.warc", attempt=2)) == "a.warc (attempt 2): died"


def test_nothing_is_suggested_when_nothing_is_close() -> None:
    assert nearest("zebra", ["share", "name"]) is None


def test_reason_codes_mean_one_thing() -> None:
    lists = [reasons.REJECT, reasons.FAULT, reasons.NO_TEXT, reasons.DROP]

    assert sum(map(len, lists)) == len(reasons.reserved())


def test_the_public_list_is_complete_and_sorted() -> None:
    assert provenance.__all__ == sorted(provenance.__all__)
    assert all(getattr(provenance, name) for name in provenance.__all__)


def test_an_unknown_public_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'clear'"):
        _ = provenance.clear
