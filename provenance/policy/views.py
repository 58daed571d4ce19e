"""Named subsets of the kept documents, as a column each: no row is written twice for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from provenance.errors import PolicyError, Problem
from provenance.policy import predicates
from provenance.policy.model import Policy
from provenance.policy.statements import statement
from provenance.session import Session

_PREFIX: Final = "view_"


@dataclass(frozen=True, slots=True)
class ViewReport:
    """What one view holds. `column` is true in its rows; tokens count once per epoch."""

    name: str
    column: str
    where: str
    copy_rows: bool
    documents: int
    tokens: int


def view_column(name: str) -> str:
    """The boolean column that marks the rows of the view."""
    return _PREFIX + name


def mark_views(session: Session, policy: Policy) -> tuple[ViewReport, ...]:
    """Add to table `decisions` one boolean column per view; returns what each holds.

    Raises PolicyError when a predicate fails on a value.
    """
    if not policy.views:
        return ()
    conditions = {view_column(name): view.where for name, view in policy.views.items()}
    try:
        session.project("decisions", "viewed", conditions)
    except ValueError as error:
        what = f"a predicate failed: {predicates.short_message(str(error))}"
        raise PolicyError(Problem("views", what)) from error
    session.run(statement("views"))
    session.run("DROP TABLE viewed")
    return tuple(_report(session, policy, name) for name in policy.views)


def _report(session: Session, policy: Policy, name: str) -> ViewReport:
    view, column = policy.views[name], view_column(name)
    documents, tokens = session.row(statement("view_size"), column=column)
    return ViewReport(name, column, view.where, view.copy_rows, documents, tokens)
