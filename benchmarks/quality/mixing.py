"""What a policy does to a crawl whose truth is known: machine text left in, human text left out.

    PROVENANCE_DATA=... python benchmarks/quality/mixing.py

On the labelled crawl, under the built-in policy and under examples/policy.yaml. One row of
mixing.csv per policy and part of the dataset:

part `read`: every document with text that is no copy of a kept one. `kept`: what the policy kept;
`stratum ...`: of these, one stratum. ai_share: tokens of machine text among tokens of labelled
text; tokens count once per epoch. human_lost: share of the human documents of `read` that are not
in the part, all and among the rarest tenth of them (column `rarity`), by what left them out:
`judged` by a rule of the policy, or `balance`, for want of room in the mix.
"""

from __future__ import annotations

import csv
import datetime
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import duckdb

import provenance

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
POLICIES = {"built-in": None, "examples/policy.yaml": ROOT / "examples" / "policy.yaml"}

#: Reasons that no rule of the policy gave: the mix had no room, or the text stands elsewhere.
_BALANCE = ("over_budget", "no_stratum", "over_host_cap", "over_lang_cap")

_JOINED = """
CREATE TABLE documents AS
SELECT d.*, t.label, s.rarity
FROM read_parquet($decisions) AS d
JOIN read_parquet($truth) AS t USING (record_id)
JOIN read_parquet($scored) AS s USING (doc_id)
WHERE s.text IS NOT NULL AND t.label IN ('human', 'ai')
    AND NOT list_contains(d.reasons, 'duplicate')
"""

_RAREST = """
ALTER TABLE documents ADD COLUMN is_rarest BOOLEAN;
UPDATE documents SET is_rarest = rarity IS NOT NULL AND rarity >=
    (SELECT quantile_cont(rarity, 0.9) FROM documents WHERE label = 'human')
"""

_READ = """
SELECT 'read' AS part, count(*) AS documents, CAST(sum(n_tokens) AS BIGINT) AS tokens,
    sum(n_tokens) FILTER (label = 'ai') / sum(n_tokens) AS ai_share
FROM documents
"""

_PARTS = """
SELECT coalesce('stratum ' || stratum, 'kept') AS part, count(*) AS documents,
    CAST(sum(n_tokens * epochs) AS BIGINT) AS tokens,
    coalesce(sum(n_tokens * epochs) FILTER (label = 'ai'), 0) / sum(n_tokens * epochs) AS ai_share
FROM documents WHERE decision = 'keep'
GROUP BY ROLLUP (stratum) HAVING stratum IS NOT NULL OR grouping(stratum) = 1
ORDER BY part
"""

_LOST = """
SELECT
    avg(CASE WHEN decision = 'drop' AND NOT balance THEN 1 ELSE 0 END) AS judged,
    avg(CASE WHEN decision = 'drop' AND balance THEN 1 ELSE 0 END) AS balance
FROM (SELECT *, list_contains($balance, reason) AS balance FROM documents)
WHERE label = 'human' AND (is_rarest OR NOT $rarest)
"""


def rows(out: Path, truth: Path) -> list[dict[str, Any]]:
    """The parts of the dataset at `out`, and on part `kept` what human text was lost."""
    connection = duckdb.connect()
    connection.execute(
        _JOINED,
        {"decisions": str(out / "decisions.parquet"), "truth": str(truth),
         "scored": str(out / "scored" / "documents" / "*.parquet")},
    )  # fmt: skip
    connection.execute(_RAREST)
    found = []
    for query in (_READ, _PARTS):
        found += connection.sql(query).to_arrow_table().to_pylist()
    for rarest, name in ((False, "all"), (True, "rarest")):
        lost = connection.execute(_LOST, {"balance": list(_BALANCE), "rarest": rarest}).fetchone()
        assert lost is not None
        for row in found:
            for cause, share in zip(("judged", "balance"), lost, strict=True):
                row[f"human_lost_{name}_{cause}"] = round(share, 4) if row["part"] == "kept" else ""
    for row in found:
        row["ai_share"] = round(row["ai_share"], 4)
    return found


def main() -> None:
    crawl = Path(os.environ["PROVENANCE_DATA"]) / "crawl"
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
    ).stdout.strip()
    common = {"date": datetime.datetime.now(datetime.UTC).date().isoformat(), "commit": commit}
    table = []
    for name, policy in POLICIES.items():
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "out"
            provenance.clean([str(crawl / "polluted")], out=out, policy=policy)
            table += [
                {**common, "policy": name, **row} for row in rows(out, crawl / "truth.parquet")
            ]
    path = HERE / "mixing.csv"
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, table[0])
        if new:
            writer.writeheader()
        writer.writerows(table)
    for row in table:
        print(row)


if __name__ == "__main__":
    main()
