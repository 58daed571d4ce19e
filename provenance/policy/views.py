"""Named subsets of the kept documents, as a column each: no row is written twice for them.

`decide` evaluates the predicates beside the rules; null counts as false when rows are written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

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


def conditions(policy: Policy) -> dict[str, str]:
    """The predicate of each view by its column."""
    return {view_column(name): view.where for name, view in policy.views.items()}


def measure_views(session: Session, policy: Policy) -> tuple[ViewReport, ...]:
    """What each view holds, from the final decisions."""
    return tuple(_report(session, policy, name) for name in policy.views)


def _report(session: Session, policy: Policy, name: str) -> ViewReport:
    view, column = policy.views[name], view_column(name)
    documents, tokens = session.row(statement("view_size"), column=column)
    return ViewReport(name, column, view.where, view.copy_rows, documents, tokens)
