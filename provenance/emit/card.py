"""The dataset card: what `datasets.load_dataset` reads, and what a person should know."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

#: Size categories of the Hugging Face hub, by upper bound.
_SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
    (1_000_000_000, "100M<n<1B"),
)

_LEAD = """\
# {name}

{description}

{kept_documents:,} documents ({kept_tokens:,} tokens) of {documents:,} read, each with its
provenance tier and the evidence behind it. Made by `provenance` under the policy recorded in
`manifest.json`. Merkle root of all decisions: `{root}`.

| tier | meaning |
|---|---|
| 1 | captured before {cutoff}, or a copy of a text that was; listed books and journals |
| 2 | listed partners; text that detection clears at a false-positive rate of {fpr:g} |
| 3 | the rest: unknown |
| 0 | synthetic |

- `data/`: the kept documents. A document counts `epochs` times in the mix.
- `decisions.parquet`: every document that was read, and why it was kept or dropped.
- `rejects.parquet`: every record that is no document, and why.
- `attribution.parquet`: tokens by publisher, host, licence and tier.
- `manifest.json`: digests of every file; `provenance verify` checks them.
"""

_LIMITS = """
## Limits

Detection errs: at the stated rate human text is flagged, and a tier 2 document can be synthetic.
Absence of evidence is "unknown", never "human". `p_synthetic` rests on the prior in the policy.
`n_tokens` is an estimate unless a tokenizer was given. Licences of the documents are those of their
publishers; this tool does not clear them.
"""


def dataset_card(manifest: Mapping[str, Any]) -> str:
    """Markdown with the YAML head of the Hugging Face hub: a config for all rows, one per view."""
    summary, about = manifest["summary"], manifest["policy"]["dataset"]
    lead = _LEAD.format(
        **{name: summary[name] for name in ("kept_documents", "kept_tokens", "documents")},
        name=about["name"],
        description=about["description"] or "Web text with its provenance.",
        root=manifest["merkle"]["root"],
        cutoff=manifest["policy"]["cutoff"],
        fpr=manifest["policy"]["false_positive_rate"],
    )
    return "\n".join(_head(manifest)) + lead + _counts(manifest) + _view_list(manifest) + _LIMITS


def _head(manifest: Mapping[str, Any]) -> list[str]:
    """The YAML between the dashes."""
    summary, about = manifest["summary"], manifest["policy"]["dataset"]
    languages = sorted({row["lang"] for row in summary["languages"] if row["kept_documents"]})
    codes = [_yaml(lang) for lang in languages if len(lang) <= 3 and lang != "und"]
    return [
        "---",
        f"pretty_name: {json.dumps(about['name'], ensure_ascii=False)}",
        *_licence(about["license"]),
        f"language: [{', '.join(codes)}]",
        "size_categories:",
        f"- {_size(summary['kept_documents'])}",
        "task_categories:",
        "- text-generation",
        "configs:",
        *_config("default", "data/*.parquet"),
        "  default: true",
        *(line for view in manifest["views"] for line in _view_config(view)),
        "---",
        "",
    ]


def _licence(text: str | None) -> list[str]:
    """The hub knows licences by its own identifiers; any other is `other` with a name."""
    if text is None:
        return []
    return ["license: other", f"license_name: {json.dumps(text, ensure_ascii=False)}"]


def _counts(manifest: Mapping[str, Any]) -> str:
    """What was kept, by tier, stratum and language."""
    summary = manifest["summary"]
    tiers = [(f"{row['tier']} ({row['tier_reason']})", row) for row in summary["tiers"]]
    strata = [
        (row["name"], {**row, "documents": row["supply_documents"]})
        for row in manifest["mix"]["strata"]
    ]
    languages = [(row["lang"], row) for row in summary["languages"] if row["kept_documents"]]
    return _table("tier", tiers) + _table("stratum", strata) + _table("language", languages)


def _table(what: str, rows: Sequence[tuple[str, Mapping[str, int]]]) -> str:
    if not rows:
        return ""
    lines = [
        f"| {name} | {row['documents']:,} | {row['kept_documents']:,} | {row['kept_tokens']:,} |"
        for name, row in rows
    ]
    head = f"\n| {what} | documents | kept | kept tokens |\n|---|---|---|---|\n"
    return head + "\n".join(lines) + "\n"


def _view_config(view: Mapping[str, Any]) -> list[str]:
    """A view as a configuration: its own file, or the rows of all files that its column marks."""
    if view["copy_rows"]:
        return _config(view["name"], f"views/{view['name']}.parquet")
    filters = ["  filters:", f"  - - {view['column']}", '    - "="', "    - true"]
    return [*_config(view["name"], "data/*.parquet"), *filters]


def _config(name: str, files: str) -> list[str]:
    return [f'- config_name: "{name}"', "  data_files:", "  - split: train", f"    path: {files}"]


def _view_list(manifest: Mapping[str, Any]) -> str:
    if not manifest["views"]:
        return ""
    rows = [
        f"| `{view['name']}` | `{view['where'].replace('|', chr(92) + '|')}` |"
        f" {view['documents']:,} | {view['tokens']:,} |"
        for view in manifest["views"]
    ]
    return "\n".join([
        "\n## Views\n\nNamed subsets, loaded with `datasets.load_dataset(folder, name)`; column"
        " `view_<name>` marks their rows.\n",
        "| view | where | documents | tokens |", "|---|---|---|---|", *rows, "",
    ])  # fmt: skip


def _yaml(code: str) -> str:
    """A language code that YAML keeps as text: `no` would be false."""
    return f'"{code}"' if code in ("no", "on", "off", "yes", "y", "n") else code


def _size(n: int) -> str:
    return next((name for bound, name in _SIZES if n < bound), "n>1B")
