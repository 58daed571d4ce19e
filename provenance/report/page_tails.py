"""The page's section on tails: what filtering did to rare documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from provenance.report.charts import axis, bar, columns, legend
from provenance.report.html import Markup, element, joined, table

#: Names of the measures of rarity, and what they are, under the columns that hold them.
_MEASURES: Final = {
    "rarity": (
        "rarity",
        "Rarity is the share of a document's distinct words that people use less than once in a"
        " million. Models trained on filtered text lose the rare end first. Documents of tier 1 to"
        " 3 by tenth, the last the rarest; equally rare ones share a tenth.",
    ),
    "ngram_novelty": (
        "novelty",
        "Novelty is the share of a document's distinct word pairs that people hardly wrote before"
        " 2022: common words, newly joined. Known for English alone.",
    ),
}


def section(counted: Mapping[str, Any]) -> Markup:
    """Kept and dropped by tenth of rarity and of novelty, then by form."""
    parts = [_tenths(counted["tails"][column], *said) for column, said in _MEASURES.items()]
    return joined(part for part in (*parts, _form(counted["form"])) if part)


def _tenths(tails: Sequence[Mapping[str, Any]], name: str, said: str) -> Markup:
    if not tails:
        return Markup("")
    causes = _causes(tails)
    rows = [
        (
            f"{one['tenth']}", bar(one["kept_documents"] / one["documents"], kind="b"),
            f"{one['upper']:.4f}", f"{one['documents']:,}",
            f"{one['kept_documents'] / one['documents']:.1%}", f"{one['protected']:,}",
            *(f"{one['dropped'].get(cause, 0):,}" for cause in causes),
        )
        for one in tails
    ]  # fmt: skip
    heading = ("tenth", "kept of all", f"{name} up to", "documents", "kept", "protected", *causes)
    return joined([
        element("p", said),
        table(f"What became of documents by {name}", heading, rows, left=2),
    ])  # fmt: skip


def _causes(tails: Sequence[Mapping[str, Any]]) -> list[str]:
    """The reasons that dropped most of them, largest first."""
    sums: dict[str, int] = {}
    for one in tails:
        for reason, n in one["dropped"].items():
            sums[reason] = sums.get(reason, 0) + n
    return sorted(sums, key=lambda reason: (-sums[reason], reason))[:6]


def _form(form: Sequence[Mapping[str, Any]]) -> Markup:
    if not form:
        return Markup("")
    by_bin = {row["bin"]: row for row in form}
    empty = {"documents": 0, "kept_documents": 0}
    rows = [by_bin.get(i, empty) for i in range(20)]
    stacks = [[row["kept_documents"], row["documents"] - row["kept_documents"]] for row in rows]
    cells = [
        (f"{i / 20:.2f} to {(i + 1) / 20:.2f}", f"{kept:,}", f"{dropped:,}")
        for i, (kept, dropped) in enumerate(stacks)
    ]  # fmt: skip
    label = "Documents by quality_form from 0 to 1, kept and dropped; table below."
    return joined([
        element("h3", "Form"),
        element("p", "quality_form: the share of the Gopher, C4 and FineWeb statistics that lie"
                " where their source keeps a text."),
        columns(stacks, ["b", "d"], label=label),
        axis("0", "0.5", "1"),
        legend(("kept", "dropped"), ("b", "d")),
        element("details", element("summary", "Form as a table"),
                table("Documents by quality_form", ("quality_form", "kept", "dropped"), cells)),
    ])  # fmt: skip
