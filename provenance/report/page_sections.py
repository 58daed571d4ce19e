"""The sections of the report's page: each a heading, a sentence or two, a table with its bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from provenance import reasons
from provenance.evidence import tiers
from provenance.report import page_detector, page_tails
from provenance.report.charts import axis, bar, columns, legend
from provenance.report.html import Markup, cut, element, joined, table
from provenance.report.terminal import because, count

#: Colour of each tier, from the bottom of a stack up.
_TIERS: Final = (("1", "a"), ("2", "b"), ("3", "c"), ("0", "d"))
_TIER_NAMES: Final = ("tier 1", "tier 2", "tier 3", "tier 0 (synthetic)")
_MONTHS_SHOWN: Final = 240
_LANGUAGES_SHOWN: Final = 40
_NAME: Final = 80


def sections(report: Mapping[str, Any]) -> list[tuple[str, str, Markup]]:
    """Anchor, heading and content of every section but the samples; empty where it has nothing."""
    counted = report["statistics"]
    return [
        ("funnel", "From records to kept tokens", _funnel(report)),
        ("mix", "The mix against its target", _mix(report["mix"])),
        ("tiers", "Tiers and time", _time(report["summary"], counted["months"])),
        ("detectors", "Detectors", page_detector.section(counted["detection"])),
        ("evidence", "Evidence and rights", _evidence(counted)),
        ("languages", "Languages", _languages(report["summary"])),
        ("hosts", "Hosts", _hosts(counted["hosts"])),
        ("duplicates", "Duplicates", _duplicates(counted)),
        ("tails", "Tails", page_tails.section(counted)),
        ("rejects", "Rejects and faults", _ledger(report["summary"])),
        ("policy", "The policy", _policy(report["policy"])),
    ]


def lead(report: Mapping[str, Any]) -> Markup:
    """What the run came to, in a sentence."""
    summary = report["summary"]
    return element(
        "p",
        f"{count(summary['kept_documents'], 'document')}"
        f" ({count(summary['kept_tokens'], 'token')}) kept of"
        f" {count(summary['documents'], 'document')} in {count(summary['records'], 'record')}."
        " Every number here is a count over decisions.parquet or rejects.parquet; report.json holds"
        " them for machines.",
    )


def _funnel(report: Mapping[str, Any]) -> Markup:
    """Records -> documents -> kept; tokens are counted once here, kept ones once per epoch."""
    summary, rules = report["summary"], _rules(report["policy"])
    total = max(summary["records"], 1)
    rejected = sum(summary["rejects"].values())
    dropped = [(f"dropped: {row['reason']}", because(row["reason"], rules), row["documents"],
                f"{row['tokens']:,}", "d") for row in summary["dropped"]]  # fmt: skip
    rows = [
        ("records read", "", summary["records"], "", "a"),
        ("rejected", "no documents; the reasons are below", rejected, "", "d"),
        ("documents", "", summary["documents"], f"{report['tokens']:,}", "a"),
        *dropped,
        ("kept", "tokens once per epoch", summary["kept_documents"],
         f"{summary['kept_tokens']:,}", "b"),
    ]  # fmt: skip
    return table(
        "Where every record went",
        ("step", "because", "of all records", "records or documents", "tokens"),
        [(name, cut(why, _NAME), bar(n / total, kind=kind), f"{n:,}", tokens)
         for name, why, n, tokens, kind in rows],
        left=3,
    )  # fmt: skip


def _rules(policy: Mapping[str, Any]) -> dict[str, str]:
    return {rule["reason"]: rule["when"] for rule in policy["drop"]}


def _mix(mix: Mapping[str, Any]) -> Markup:
    if not mix["strata"]:
        return element("p", "The policy asks for no mix: whatever no rule dropped counts once.")
    rows = [
        (
            one["name"], bar(one["share_achieved"], kind="b"),
            f"{one['share']:.2%}", f"{one['share_achieved']:.2%}", f"{one['supply_tokens']:,}",
            f"{one['target_tokens']:,}", f"{one['kept_documents']:,}", f"{one['kept_tokens']:,}",
            f"{one['epochs']:.2f} of {one['max_epochs']}", f"{one['shortfall_tokens']:,}",
        )
        for one in mix["strata"]
    ]  # fmt: skip
    asked = mix["asked_tokens"]
    said = f"Asked: {count(asked, 'token')}." if asked else "Asked: the largest mix possible."
    return joined([
        element("p", f"{said} Budget used: {count(mix['budget_tokens'], 'token')}."),
        table("Strata: tokens count once per epoch",
              ("stratum", "of all tokens", "share wanted", "share", "supply", "target",
               "documents", "tokens", "epochs", "short by"), rows, left=2),
    ])  # fmt: skip


def _time(summary: Mapping[str, Any], months: Sequence[Mapping[str, Any]]) -> Markup:
    return joined([_tiers(summary), _months(months)])


def _tiers(summary: Mapping[str, Any]) -> Markup:
    total = max(summary["documents"], 1)
    kinds = dict(_TIERS)
    rows = [
        (
            str(row["tier"]), tiers.REASONS.get(row["tier_reason"], row["tier_reason"]),
            bar(row["documents"] / total, kind=kinds[str(row["tier"])]),
            f"{row['documents']:,}", f"{row['kept_documents']:,}", f"{row['kept_tokens']:,}",
        )
        for row in summary["tiers"]
    ]  # fmt: skip
    heading = ("tier", "because", "of all", "documents", "kept", "kept tokens")
    return table("Tiers and what put a document there", heading, rows, left=3)


def _months(months: Sequence[Mapping[str, Any]]) -> Markup:
    """Stacked tiers over time; the earliest months fall away where there are too many."""
    dated = [month for month in months if month["month"] != "unknown"]
    shown = dated[-_MONTHS_SHOWN:]
    if not shown:
        return Markup("")
    stacks = [[month["tiers"].get(tier, 0) for tier, _ in _TIERS] for month in shown]
    first, last = shown[0]["month"], shown[-1]["month"]
    label = f"Documents by month of capture, {first} to {last}, stacked by tier; table below."
    left = len(dated) - len(shown)
    earlier = f" {count(left, 'earlier month')} in report.json alone." if left else ""
    unknown = sum(month["documents"] for month in months if month["month"] == "unknown")
    return joined([
        element("h3", "By month of capture"),
        element("p", "Months without documents are left out; "
                f"{count(unknown, 'document')} of unknown date.{earlier}"),
        columns(stacks, [kind for _, kind in _TIERS], label=label),
        axis(first, last),
        legend(_TIER_NAMES, [kind for _, kind in _TIERS]),
        element("details", element("summary", "Every month as a table"), _month_table(shown)),
    ])  # fmt: skip


def _month_table(months: Sequence[Mapping[str, Any]]) -> Markup:
    rows = [
        (
            month["month"], f"{month['documents']:,}",
            *(f"{month['tiers'].get(tier, 0):,}" for tier, _ in _TIERS),
            f"{month['p_synthetic_mean']:.3f}",
            *(f"{month['p_synthetic_quantiles'][q]:.2f}" for q in ("0.1", "0.5", "0.9")),
        )
        for month in months
    ]  # fmt: skip
    heading = ("month", "documents", *_TIER_NAMES, "mean p_synthetic", "10 % at most",
               "half at most", "90 % at most")  # fmt: skip
    return table("Tiers and p_synthetic by month of capture", heading, rows)


def _evidence(counted: Mapping[str, Any]) -> Markup:
    facts = [
        (row["kind"].replace("_", " "), row["polarity"], row["strength"],
         f"{row['documents']:,}", f"{row['kept_documents']:,}", f"{row['kept_tokens']:,}")
        for row in counted["evidence"]
    ]  # fmt: skip
    stated = [
        (row["use"].replace("_", " "), row["preference"],
         f"{row['documents']:,}", f"{row['kept_documents']:,}", f"{row['kept_tokens']:,}")
        for row in counted["rights"]
    ]  # fmt: skip
    trained = [
        (row["train_ai"], f"{row['documents']:,}", f"{row['kept_documents']:,}",
         f"{row['kept_tokens']:,}")
        for row in counted["train_ai"]
    ]  # fmt: skip
    tail = ("documents", "kept", "kept tokens")
    said = (
        "What was seen of a document's origin. A fact carries no verdict: neutral ones count"
        " nothing, and absence of a mark is unknown, never human."
    )
    parts = [element("p", said)]
    if facts:
        heading = ("fact", "speaks for", "strength", *tail)
        parts.append(table("Documents by fact", heading, facts, left=3))
    if stated:
        parts.append(table("Documents by what their page or site allows or denies",
                           ("use", "preference", *tail), stated, left=2))  # fmt: skip
    parts.append(table("May they train AI? The most restrictive word counts.",
                       ("train_ai", *tail), trained))  # fmt: skip
    return joined(parts)


def _languages(summary: Mapping[str, Any]) -> Markup:
    rows, total = summary["languages"], max(summary["documents"], 1)
    names = {"und": "unknown (und)", "none": "no text"}
    shown = [
        (names.get(row["lang"], row["lang"]), bar(row["documents"] / total),
         f"{row['documents']:,}", f"{row['kept_documents']:,}", f"{row['kept_tokens']:,}")
        for row in rows[:_LANGUAGES_SHOWN]
    ]  # fmt: skip
    heading = ("language", "of all", "documents", "kept", "kept tokens")
    rest = len(rows) - len(shown)
    tail = element("p", f"{count(rest, 'more language')} in report.json.") if rest else Markup("")
    return joined([table("Documents by language", heading, shown, left=2), tail])


def _hosts(hosts: Mapping[str, Any]) -> Markup:
    rows = hosts["largest"]
    if not rows:
        return Markup("")
    most = max(row["documents"] for row in rows)
    shown = [
        (cut(row["host"] or "unknown", _NAME), bar(row["documents"] / most),
         f"{row['documents']:,}", f"{1 - row['kept_documents'] / row['documents']:.1%}",
         f"{row['tokens']:,}", f"{row['kept_tokens']:,}")
        for row in rows
    ]  # fmt: skip
    heading = ("host", "of the first", "documents", "dropped", "tokens", "kept tokens")
    caption = f"The {len(rows)} hosts with the most documents, of {hosts['hosts']:,}"
    return table(caption, heading, shown, left=2)


def _duplicates(counted: Mapping[str, Any]) -> Markup:
    sizes = [
        (_span(row["smallest"], row["largest"]), f"{row['clusters']:,}", f"{row['documents']:,}")
        for row in counted["clusters"]
    ]  # fmt: skip
    matches = [(row["kind"], f"{row['pairs']:,}") for row in counted["matches"]]
    parts = [table("Clusters of alike texts by size", ("documents in a cluster", "clusters",
                                                       "documents"), sizes)]  # fmt: skip
    if matches:
        parts.append(table("Matches found between documents", ("kind", "pairs"), matches))
    return joined(parts)


def _span(first: int, last: int) -> str:
    return f"{first:,}" if first == last else f"{first:,} to {last:,}"


def _ledger(summary: Mapping[str, Any]) -> Markup:
    rejects = [(name, reasons.REJECT.get(name, ""), f"{n:,}")
               for name, n in _by_count(summary["rejects"])]  # fmt: skip
    faults = [(name, reasons.FAULT.get(name, ""), f"{n:,}")
              for name, n in _by_count(summary["faults"])]  # fmt: skip
    parts = []
    if rejects:
        parts.append(table("Records that are no documents", ("rejected", "because", "records"),
                           rejects, left=2))  # fmt: skip
    if faults:
        parts.append(table("Faults in files", ("fault", "what", "places"), faults, left=2))
    return joined(parts) or element("p", "Every record was a document.")


def _by_count(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _policy(policy: Mapping[str, Any]) -> Markup:
    rules = [(rule["reason"], cut(rule["when"], 4 * _NAME)) for rule in policy["drop"]]
    said = (
        f"Cutoff {policy['cutoff']}: what a trusted archive captured before it is human."
        f" False-positive rate {policy['false_positive_rate']:g}: the share of human documents that"
        f" detection may wrongly call synthetic. Seed {policy['seed']}."
    )
    heading = ("reason", "dropped when")
    made = table("Rules that drop documents", heading, rules, left=2) if rules else Markup("")
    return joined([element("p", said), made])
