"""What a dataset is asked: why, what changed, how much of it is synthetic, what people say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Unpack

from provenance.api.datasets import score
from provenance.api.given import Inputs, Options, folder_names, names_given
from provenance.engines.diff import Difference, diff_datasets
from provenance.engines.estimate import Estimates, check_by, estimate_stored, stored
from provenance.engines.mix import explain_document
from provenance.engines.review import Review, make_review
from provenance.engines.verdicts import Verdicts, import_verdicts
from provenance.report.explain import Explanation


def explain(out: str | Path, document: str) -> list[Explanation]:
    """What happened to a URL (every capture of it), a doc_id in hex, or a WARC-Record-ID.

    Raises InputError, with the nearest URL, when `out` knows nothing of it.
    """
    return explain_document(Path(out), document)


def diff(before: str | Path, after: str | Path) -> Difference:
    """What entered and what left from one dataset to another: two policies, or two runs.

    Raises InputError when either folder holds no whole dataset.
    """
    return diff_datasets(Path(before), Path(after))


def estimate(
    inputs: Inputs, *, by: Sequence[str] = ("month",), **options: Unpack[Options]
) -> Estimates:
    """The share of synthetic text with its 95 % interval, over all documents and by group.

    inputs: the folder of a dataset or of a scored store, or what `score` takes, which is scored
    first. by: any of host, language, month, stratum. The option `calibration` is the reference.
    Raises InputError.
    """
    check_by(by)
    names = names_given(inputs) or []
    if len(names) == 1 and stored(Path(names[0])):
        return estimate_stored(Path(names[0]), by, calibration=options.get("calibration"))
    with TemporaryDirectory(prefix="provenance-") as folder:
        scored = score(inputs, out=Path(folder) / "scored", **options).out
        return estimate_stored(scored, by)


def review(
    dataset: str | Path, *, out: str | Path, sample: int = 200, near_threshold: bool = False
) -> Review:
    """A page and tables in the folder `out`, on which people judge `sample` documents.

    near_threshold: those whose detection is closest to the policy's false-positive rate; else as
    many of each decision, reason and tier as of any other. Raises InputError, OutputError.
    """
    return make_review(Path(dataset), Path(out), sample=sample, near_threshold=near_threshold)


def review_import(
    verdicts: str | Path | Sequence[str | Path],
    *,
    out: str | Path,
    review: str | Path | None = None,
) -> Verdicts:
    """The verdicts of CSV files in the folder `out`, with people's agreement with the machine.

    review: what `review` made; default the folder of the first file. Raises InputError with every
    fault and its line, OutputError.
    """
    files = [Path(name) for name in folder_names(verdicts)]
    return import_verdicts(files, Path(review) if review else files[0].parent, Path(out))
