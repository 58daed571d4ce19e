"""The dataset card: what `datasets.load_dataset` reads, and what a person should know."""

from __future__ import annotations

from collections.abc import Mapping
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

_BODY = """\
# Filtered crawl

{kept_documents:,} documents ({kept_tokens:,} tokens) of {documents:,} read, each with its
provenance tier and the evidence behind it. Made by `provenance` under the policy recorded in
`manifest.json`.

| tier | meaning |
|---|---|
| 1 | captured before {cutoff}, or a copy of a text that was; listed books and journals |
| 2 | listed partners; text that detection clears at a false-positive rate of {fpr:g} |
| 3 | the rest: unknown |
| 0 | synthetic |

- `data/`: the kept documents. A document counts `epochs` times in the mix.
- `decisions.parquet`: every document that was read, and why it was kept or dropped.
- `rejects.parquet`: every record that is no document, and why.

## Limits

Detection errs: at the stated rate human text is flagged, and a tier 2 document can be synthetic.
Absence of evidence is "unknown", never "human". `p_synthetic` rests on the prior in the policy.
`n_tokens` is an estimate unless a tokenizer was given. Licences of the documents are those of their
publishers; this tool does not clear them.
"""


def dataset_card(manifest: Mapping[str, Any]) -> str:
    """Markdown with the YAML head of the Hugging Face hub: a config for all rows, one per view."""
    summary = manifest["summary"]
    languages = sorted({row["lang"] for row in summary["languages"] if row["kept_documents"]})
    head = [
        "---",
        "language:",
        *(f"- {_yaml(lang)}" for lang in languages if len(lang) <= 3 and lang != "und"),
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
    if head[2] == "size_categories:":
        head[1:2] = ["language: []"]
    body = _BODY.format(
        **{name: summary[name] for name in ("kept_documents", "kept_tokens", "documents")},
        cutoff=manifest["policy"]["cutoff"],
        fpr=manifest["policy"]["false_positive_rate"],
    )
    return "\n".join(head) + body + _view_list(manifest)


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
