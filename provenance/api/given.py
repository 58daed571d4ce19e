"""What the public functions are given: inputs and options, in the words of the command line."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeAlias, TypedDict

import pyarrow as pa

from provenance.dedup.parameters import DedupParameters
from provenance.engines.local import LocalEngine
from provenance.engines.request import check_options
from provenance.engines.score import Scoring
from provenance.policy.detectors import groups
from provenance.policy.load import default_policy, load, parse
from provenance.policy.model import Policy
from provenance.sources.columns import Columns
from provenance.sources.limits import Limits

Batches: TypeAlias = pa.RecordBatch | pa.Table | Iterable[pa.RecordBatch]
Inputs: TypeAlias = str | Path | Sequence[str | Path] | Batches
Folders: TypeAlias = str | Path | Sequence[str | Path]


class Options(TypedDict, total=False):
    """How inputs are read and scored; the same words as the options of the command line.

    workers: processes; default every core. extractor: "resiliparse" or "trafilatura".
    tokenizer: path of a tokenizer.json for exact token counts; default a fast estimate.
    keyring: file of watermark keys to try on every text; default none.
    trust_anchors: PEM file of authorities whose content credentials are trusted; default none.
    mask_generated: leave out of a text what elements of its page declare generated; default no.
    calibration: file of `calibrate` that scores are read with; default what comes with detectors.
    text_column, url_column, date_column, id_column: where JSON Lines and Parquet hold what;
    default the names that C4, Dolma and FineWeb use. base: where the paths of a warc.paths list
    begin. batch_size: documents per batch; changes memory and speed, never the result.
    slice_bytes: input bytes per unit of work. limit_record_bytes: larger records are rejects.
    progress: bars on stderr when that is a terminal.
    """

    workers: int | None
    extractor: str
    tokenizer: str | None
    keyring: str | None
    trust_anchors: str | None
    mask_generated: bool
    calibration: str | None
    text_column: str | None
    url_column: str | None
    date_column: str | None
    id_column: str | None
    base: str | None
    batch_size: int
    slice_bytes: int
    limit_record_bytes: int
    progress: bool


def names_given(inputs: Any) -> list[str] | None:
    """The names of files given; None when batches were given."""
    if isinstance(inputs, str | Path):
        return [str(inputs)]
    if isinstance(inputs, Sequence) and all(isinstance(name, str | Path) for name in inputs):
        return [str(name) for name in inputs]
    return None


def folder_names(given: Folders) -> list[str]:
    return [str(given)] if isinstance(given, str | Path) else [str(one) for one in given]


def batches_given(inputs: Any) -> Iterable[pa.RecordBatch]:
    if isinstance(inputs, pa.RecordBatch):
        return [inputs]
    batches: Iterable[pa.RecordBatch] = (
        inputs.to_batches() if isinstance(inputs, pa.Table) else inputs
    )
    return batches


def policy_given(policy: str | Path | Policy | None) -> Policy:
    if policy is None:
        return parse(default_policy(), name="built-in policy")
    return policy if isinstance(policy, Policy) else load(policy)


def scoring_asked(options: Options, policy: Policy | None = None) -> Scoring:
    """How `options` and the policy ask to read and score. Raises InputError, TypeError."""
    check_options(options, Options.__annotations__)
    limits = Limits()
    return Scoring(
        columns=Columns(
            text=options.get("text_column"),
            url=options.get("url_column"),
            captured_at=options.get("date_column"),
            id=options.get("id_column"),
        ),
        limits=Limits(record_bytes=options.get("limit_record_bytes", limits.record_bytes)),
        slice_bytes=options.get("slice_bytes", 64 * 2**20),
        extractor=options.get("extractor", "resiliparse"),
        tokenizer=options.get("tokenizer"),
        keyring=options.get("keyring"),
        trust_anchors=options.get("trust_anchors"),
        mask_generated=options.get("mask_generated", False),
        calibration=options.get("calibration"),
        dedup=DedupParameters(),
        detectors=groups(policy.detectors) if policy and policy.detectors else None,
    )


def engine_asked(options: Options) -> LocalEngine:
    return LocalEngine(
        workers=options.get("workers") or os.cpu_count() or 1,
        batch_size=options.get("batch_size", 1024),
    )
