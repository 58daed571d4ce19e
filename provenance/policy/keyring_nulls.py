"""The file of nulls that `provenance keyring fit` writes and a keyring names.

{"format": "nulls/1", "reference": PLAN,
 "nulls": [{"combination": FINGERPRINT, "name": NAME, "languages": {"en": {"n_texts": 4000, ...}}}]}

A null belongs to what was scored (scheme, key, table, tokenizer), not to the name it has in a
keyring: with another key it is no null at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from detectors.watermark.detector import Watermark
from detectors.watermark.empirical_null import MIN_TEXTS, EmpiricalNull, Nulls
from provenance.emit.canonical import digest_json
from provenance.errors import InputError, Problem
from provenance.evidence.watermarks import Combination

#: A null takes 200 bytes; a thousand combinations have forty languages each.
_LIMIT_BYTES = 16 * 2**20
Positive = Annotated[FiniteFloat, Field(gt=0)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Null(_Strict):
    """`detectors.watermark.empirical_null.EmpiricalNull`."""

    n_texts: Annotated[int, Field(ge=MIN_TEXTS)]
    mean: FiniteFloat
    slope: FiniteFloat
    center: Positive
    spread: Positive
    variance: Positive


class _Fitted(_Strict):
    combination: str
    name: str
    languages: dict[str, _Null]


class _NullsFile(_Strict):
    format: Literal["nulls/1"]
    reference: str
    nulls: list[_Fitted]


def fingerprint(detector: Watermark, parameters: Mapping[str, Any], tokenizer: bytes) -> str:
    """What identifies a combination whatever it is called. tokenizer: its file."""
    return digest_json(
        {
            "scheme": detector.spec.name,
            "version": detector.spec.version,
            "parameters": dict(parameters),
            "tokenizer": hashlib.sha256(tokenizer).hexdigest(),
        }
    )


def nulls_document(reference: str, fitted: Mapping[Combination, Nulls]) -> dict[str, Any]:
    """The file's content. reference: digest of the plan that read the human texts."""
    return {
        "format": "nulls/1",
        "reference": reference,
        "nulls": [
            {
                "combination": combination.fingerprint,
                "name": str(combination),
                "languages": {lang: asdict(one) for lang, one in sorted(nulls.languages.items())},
            }
            for combination, nulls in fitted.items()
        ],
    }


def read_nulls(path: Path, *, where: str) -> tuple[dict[str, Nulls], str]:
    """Nulls by fingerprint, and the file's SHA-256. Raises InputError.

    where: what a message names.
    """
    accepted = "a file that `provenance keyring fit` wrote"
    try:
        with path.open("rb") as file:
            content = file.read(_LIMIT_BYTES + 1)
    except OSError as error:
        what = f"cannot read {str(path)!r}: {error.strerror}"
        raise InputError(Problem(where, what, accepted)) from error
    try:
        if len(content) > _LIMIT_BYTES:
            raise ValueError(f"larger than {_LIMIT_BYTES // 2**20} MiB")
        parsed = _NullsFile.model_validate_json(content)
    except (ValidationError, ValueError) as error:
        first = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        what = f"{str(path)!r} holds no nulls: {first}"
        raise InputError(Problem(where, what, accepted)) from error
    found = {one.combination: _nulls(one) for one in parsed.nulls}
    return found, hashlib.sha256(content).hexdigest()


def _nulls(fitted: _Fitted) -> Nulls:
    return Nulls(
        {lang: EmpiricalNull(**one.model_dump()) for lang, one in fitted.languages.items()}
    )
