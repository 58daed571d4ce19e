"""`bench.html`: one page that loads nothing, made of `bench.json` alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from provenance.report import bench_terminal as written
from provenance.report.charts import CURVES, axis, curve_legend, curves
from provenance.report.frame import framed
from provenance.report.html import Markup, cut, element, joined, table
from provenance.report.terminal import count

#: The lowest false-positive rate that a curve shows.
_LOWEST: Final = 0.001
#: Curves and detail tables that a page shows; bench.json holds all.
_DATASETS_SHOWN: Final = 40
_ROWS_SHOWN: Final = 2_000

_KINDS: Final = {
    "generator": "Generators, beside all human texts of the dataset",
    "domain": "Domains",
    "language": "Languages",
    "attack": "Attacks, beside the human texts that went through them too, or else through none",
    "length": "Lengths, in words",
}


def bench_page(facts: Mapping[str, Any]) -> str:
    """The page."""
    rates = facts["rates"]
    parts = [
        ("whole", "Whole datasets", _whole(facts, rates)),
        ("curves", "ROC curves", _curves(facts)),
        ("groups", "By generator, domain, language, attack and length", _groups(facts, rates)),
        ("held-out", "Leave one out", _held_out(facts["held_out"], rates)),
        ("non-native", "Non-native writers", _non_native(facts["non_native"], rates)),
        ("speed", "Speed and cost", _speed(facts)),
        ("made-of", "What this was made of", _made_of(facts)),
    ]
    return framed("Bench of detectors", _lead(facts), parts)


def _lead(facts: Mapping[str, Any]) -> Markup:
    texts = sum(file["human"] + file["ai"] for file in facts["files"])
    said = (
        f"{count(len(facts['detectors']), 'detector')} on {count(texts, 'labelled text')} in"
        f" {count(len(facts['files']), 'file')}. Every number here is a field of bench.json."
    )
    return element("p", said)


def _whole(facts: Mapping[str, Any], rates: Sequence[str]) -> Markup:
    rows = [
        (_name(row["dataset"]), *_cells(row, rates))
        for row in facts["rows"]
        if row["kind"] == "all"
    ]
    warnings = filter(None, map(written.warning, facts["detectors"]))
    return joined([
        *(element("p", one) for one in warnings),
        table("Every text of a dataset; pooled last", ("dataset", *_heading(rates)), rows,
              left=2),
        *(element("p", one, class_="soft")
          for one in (written.fusion(facts), *written.explanation(facts).split("\n")) if one),
        element("p", "TPR dom: a threshold for each domain, set on its human texts that no attack"
                " changed, as RAID scores.", class_="soft"),
        element("p", "Cllr is the cost of the calibrated log-likelihood ratios in bits: 0 is"
                " perfect, 1 says nothing, more misleads. ECE is the calibration error of the"
                " probability that they give where both classes are as likely. Pooled rows mix"
                " files, domains and labels that go together: read the datasets first.",
                class_="soft"),
    ])  # fmt: skip


def _heading(rates: Sequence[str]) -> tuple[str, ...]:
    return (*written.heading(rates), *written.domain_heading(rates))


def _name(value: str) -> Markup:
    """A name that a table of many columns does not squeeze."""
    return element("span", cut(value, 60), class_="name")


def _cells(row: Mapping[str, Any], rates: Sequence[str]) -> Iterator[str | Markup]:
    """The cells of a row, each interval below its number."""
    of_domain = written.domain_cells(row, rates) if "per_domain" in row else ()
    for cell in (*written.cells(row, rates), *of_domain):
        value, _, interval = cell.partition(" (")
        yield value if not interval else joined([
            value.removesuffix(")"), element("br"),
            element("span", interval.replace(")", ""), class_="soft"),
        ])  # fmt: skip


def _curves(facts: Mapping[str, Any]) -> Markup:
    by_dataset = groupby(facts["curves"], key=lambda one: one["dataset"])
    drawn = [_chart(name, list(found), facts["rates"]) for name, found in by_dataset]
    rest = len(drawn) - _DATASETS_SHOWN
    said = [element("p", f"{count(rest, 'more dataset')} in bench.json.")] if rest > 0 else []
    return joined([*drawn[:_DATASETS_SHOWN], *said])


def _chart(dataset: str, found: Sequence[Mapping[str, Any]], rates: Sequence[str]) -> Markup:
    lines = [list(_line(one)) for one in found]
    names = [one["detector"] for one in found]
    label = f"True-positive rate by false-positive rate in {dataset}. " + " ".join(
        f"{name}: {_at(one, 0.01):.2f} at 1 %, {_at(one, 0.05):.2f} at 5 %."
        for name, one in zip(names, found, strict=True)
    )
    more = len(found) - CURVES
    said = (
        "True-positive rate, 0 to 100 % in quarters, by false-positive rate, 0.1 % to 100 % on a"
        f" logarithmic scale. {found[0]['n_human']:,} human texts: less than one in as many cannot"
        " be told."
    )
    return joined([
        element("h3", dataset),
        element("p", said, class_="soft"),
        curves(lines, label=label, lowest=_LOWEST, marks=[float(rate) for rate in rates]),
        axis("0.1 %", "1 %", "10 %", "100 %"),
        curve_legend(names),
        element("p", f"{count(more, 'more detector')} in bench.json.") if more > 0 else Markup(""),
    ])  # fmt: skip


def _line(one: Mapping[str, Any]) -> Iterator[tuple[float, float]]:
    """The steps of a curve from its first resolved false-positive rate on."""
    first = max(_LOWEST, 1 / one["n_human"])
    height = _at(one, first)
    yield first, height
    for x, y in zip(one["fpr"], one["tpr"], strict=True):
        if x > first:
            yield x, height
            yield x, y
            height = y


def _at(one: Mapping[str, Any], rate: float) -> float:
    """The true-positive rate of the last threshold with no larger a false-positive rate."""
    points = zip(one["fpr"], one["tpr"], strict=True)
    return max((y for x, y in points if x <= rate + 1e-12), default=0.0)


def _groups(facts: Mapping[str, Any], rates: Sequence[str]) -> Markup:
    inside = [row for row in facts["rows"] if row["kind"] != "all"]
    shown = inside[:_ROWS_SHOWN]
    parts: list[Markup] = []
    for dataset, of_dataset in groupby(shown, key=lambda row: row["dataset"]):
        parts.append(element("h3", dataset))
        for kind, rows in groupby(of_dataset, key=lambda row: row["kind"]):
            heading = (kind, *_heading(rates))
            body = [(_name(row["value"]), *_cells(row, rates)) for row in rows]
            parts.append(
                element("details", element("summary", f"{dataset}: by {kind}"),
                        table(_KINDS[kind], heading, body, left=2))
            )  # fmt: skip
    if rest := len(inside) - len(shown):
        parts.append(element("p", f"{count(rest, 'more row')} in bench.json."))
    return joined(parts)


def _held_out(found: Mapping[str, Any] | None, rates: Sequence[str]) -> Markup:
    if found is None:
        return Markup("")
    rows = found["rows"]
    body = [
        (_name(row["dataset"]), row["value"], *_cells(row, rates)) for row in rows[:_ROWS_SHOWN]
    ]
    said = " AUROC and TPR own are of the log-likelihood ratio; cal of thresholds on other texts."
    rest = len(rows) - len(body)
    return joined([
        element("p", found["refitted"] + said),
        table(f"Each {found['by']} judged without it",
              ("dataset", f"{found['by']} left out", *written.heading(rates)), body, left=3),
        element("p", f"{count(rest, 'more row')} in bench.json.") if rest > 0 else Markup(""),
    ])  # fmt: skip


def _non_native(rows: Sequence[Mapping[str, Any]], rates: Sequence[str]) -> Markup:
    if not rows:
        return Markup("")
    body = [
        (row["dataset"], row["domain"], row["language"], row["detector"], f"{row['n_human']:,}",
         f"{row['n_native']:,}", *written.non_native_cells(row, rates))
        for row in rows
    ]  # fmt: skip
    heading = ("dataset", "domain", "language", "detector", "human", "native",
               *written.non_native_heading(rates))  # fmt: skip
    said = (
        "Human texts by people who write a language that is not their first, taken for machine"
        " text. native's: above the threshold that the other human texts of the same dataset and"
        " language set."
    )
    return joined([
        element("p", said),
        table("False-positive rates on non-native writers", heading, body, left=4),
    ])  # fmt: skip


def _speed(facts: Mapping[str, Any]) -> Markup:
    said = (
        f"Scoring alone, by the wall clock, on {facts['machine']}; tokens are the detector's own. A"
        " detector that shares a pass of a language model is charged the whole pass."
    )
    body = [written.speed_cells(row) for row in facts["speed"]]
    if (price := facts["price_per_hour"]) is not None:
        said += f" Cost at {price:g} per hour."
    return joined([element("p", said), table("Speed", written.speed_heading(), body)])


def _made_of(facts: Mapping[str, Any]) -> Markup:
    files = [
        (one["file"], one["layout"], f"{one['human']:,}", f"{one['ai']:,}",
         f"{one['unlabelled']:,}", one["sha256"][:16])
        for one in facts["files"]
    ]  # fmt: skip
    made = [
        (one["name"], one["version"], one["unit"], one["calibration"] or written.NOTHING,
         ", ".join(f"{key} {value}" for key, value in one["fingerprint"].items())[:300])
        for one in facts["detectors"]
    ]  # fmt: skip
    versions = ", ".join(f"{name} {number}" for name, number in facts["versions"].items())
    return joined([
        table("Files", ("file", "layout", "human", "ai", "unlabelled", "SHA-256 begins"), files,
              left=2),
        table("Detectors", ("detector", "version", "unit", "calibration data", "fingerprint"), made,
              left=5),
        element("p", f"{versions}. Bootstrap seed {facts['bootstrap']['seed']}."),
    ])  # fmt: skip
