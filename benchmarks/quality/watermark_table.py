"""watermark.md: the newest rows of watermark.csv as tables that people read."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

Row = dict[str, str]
PROTOCOLS = ("fresh", "fixed", "fitted", "foreign")

HEAD = """# Watermark detectors: false alarms and power

Made by `python benchmarks/quality/watermark.py --table` from watermark.csv; no figure is typed.

## What "not found" means

Share of watermarked texts with p below 0.001 (and below 0.000001) by number of *scored* tokens:
those of the text less repeats and what a context needs first. A keyring pays for what it tries:
with 10 combinations and passages, p < 0.001 takes what p < 0.00005 takes here.

"babbler" and "gpt2" are models without training and near 5 nats of entropy per token, where
watermarks are strong. "smollm", where it was run, is SmolLM2-135M-Instruct at temperature 1;
its entropy is that of a real model, and factual or greedy text has less. "opt" are 300 texts that
somebody else generated on a CUDA device. Text that was edited, translated or paraphrased since has
far less of its watermark left than any row here.
"""

NULL = """
## False alarms

Human texts of data/detection with the tokenizer of OPT. "attainable" is the level less what the
steps of a binomial leave unused; the range holds the central 95 % of rates for so many independent
texts. "fresh": every text has keys of its own, so that all p values are independent; that is the
null hypothesis for which p values are exact. "fixed": one key reads all. Texts share n-grams, and
so that key's luck. "fitted" takes it out with nulls by language (`provenance keyring fit`) from
other texts of the same sets, "foreign" with nulls from data/human, where no source is the same.
The ranges know nothing of a reference's own sampling error, about half as large as theirs. Rates
below a range cost power, not people.
"""


def write(source: Path, out: Path) -> None:
    """Write the tables of the CSV at `source`."""
    with source.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    parts = [HEAD, power([r for r in rows if r["measure"] == "power"])]
    parts += [found([r for r in rows if r["measure"].startswith("power, ")])]
    parts += [NULL, alarms([r for r in rows if r["measure"] == "false alarms"])]
    out.write_text("\n".join(parts), encoding="utf-8")


def power(rows: Sequence[Row]) -> str:
    """One line per writer and scheme, one column per number of tokens."""
    tokens = sorted({int(r["tokens"]) for r in rows})
    lines = {}
    for row in rows:
        case = ", ".join(part for part in (row["seeding"], row["table"]) if part)
        key = (row["scheme"], case, row["key"], row["writer"], row["entropy_nats"])
        cells = lines.setdefault(key, {})
        cells[int(row["tokens"]), float(row["p_below"])] = row
    head = ["scheme", "seeding, table", "null", "writer", "nats", "texts", *map(str, tokens)]
    body = []
    for (scheme, seeding, key, writer, nats), cells in sorted(lines.items()):
        most = max(int(row["n_texts"]) for row in cells.values())
        shares = [_pair(cells, n) for n in tokens]
        null = "fitted" if key == "fitted" else "over keys"
        body.append([scheme, seeding, null, writer, nats, str(most), *shares])
    return _table(head, body)


def _pair(cells: dict[tuple[int, float], Row], tokens: int) -> str:
    found = [cells[tokens, level]["rate"] for level in (1e-3, 1e-6) if (tokens, level) in cells]
    return f"{float(found[0]):.2f} ({float(found[1]):.2f})" if found else ""


def found(rows: Sequence[Row]) -> str:
    """Whole texts, with every table tried and paid for."""
    newest = {row["p_below"]: row for row in rows}
    return "\n".join(
        f"Of {row['n_texts']} texts of at least 100 scored tokens ({row['writer']}), with tables"
        f" {row['table']} and passages tried and paid for, {float(row['rate']):.2%} have p below"
        f" {row['p_below']} (95 % interval {float(row['low']):.2%} to {float(row['high']):.2%}).\n"
        for row in newest.values()
    )


def alarms(rows: Sequence[Row]) -> str:
    """One line per scheme and protocol, one column per level."""
    levels = sorted({row["p_below"] for row in rows}, key=float, reverse=True)
    lines: dict[tuple[str, ...], dict[str, Row]] = {}
    for row in rows:
        case = ", ".join(part for part in (row["seeding"], row["table"]) if part)
        lines.setdefault((row["scheme"], case, row["key"]), {})[row["p_below"]] = row
    head = ["scheme", "seeding, table", "key", "texts", *(f"p < {level}" for level in levels)]
    head += [f"attainable {level} (range)" for level in levels]
    body = [
        [*key, _texts(cells[levels[0]]), *(cells[level]["rate"] for level in levels)]
        + [f"{c['expected']} ({c['low']} to {c['high']})" for c in map(cells.get, levels) if c]
        for key, cells in lines.items()
    ]
    return _table(head, body) + "\n" + _verdict(rows)


def _texts(row: Row) -> str:
    return row["n_texts"] if row["n_keys"] == "1" else f"{row['n_texts']} x {row['n_keys']} keys"


def _verdict(rows: Sequence[Row]) -> str:
    """How many rates lie in their range, and whether all hold together."""
    lines = []
    for key in PROTOCOLS:
        newest = {
            (r["scheme"], r["seeding"], r["table"], r["p_below"]): r
            for r in rows
            if r["key"] == key
        }
        if not newest:
            continue
        inside = sum(
            float(r["low"]) <= float(r["rate"]) <= float(r["high"]) for r in newest.values()
        )
        least = min(float(r["probability"]) for r in newest.values())
        above = min(
            (float(r["probability"]) for r in newest.values()
             if float(r["rate"]) > float(r["expected"])), default=1.0,
        )  # fmt: skip
        lines.append(
            f"- {key}: {inside} of {len(newest)} rates lie in their range. All together (Holm):"
            f" p = {min(1.0, least * len(newest)):.2g}; for rates that are too high alone"
            f" {min(1.0, above * len(newest)):.2g}."
        )
    return "\n" + "\n".join(lines) + "\n"


def _table(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"
