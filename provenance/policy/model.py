"""The policy as a value: what a policy file may say, and nothing else.

Every model is frozen and refuses keys it does not know, so that a misspelt or unimplemented key
is an error and never a silent default. `provenance.policy.load` turns a file into a `Policy`.
"""

from __future__ import annotations

import datetime
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Annotated, Any, Final, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    Strict,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from provenance import reasons
from provenance.policy.detectors import DetectorGroups
from provenance.policy.publication import Prices, Publication

#: Shares that differ from 1 by less than this are taken to sum to 1 (three times 0.333333333).
SHARE_TOLERANCE: Final = 1e-8

#: Error type of the rules that span several values; `load` finds these itself, with lines.
RULE: Final = "policy_rule"

PREDICATE_CHARACTERS: Final = 2_000

#: Probability that a captured page is synthetic, by month of capture.
#:
#: Dolezal, Alam, Graham & Bohacek 2026 (arXiv:2604.26965): about none of the newly published
#: websites before ChatGPT (2022-11-30), about 35 % generated or assisted by mid-2025; here a
#: straight line between the two, read at the start of each step. Below 2022-12 the values are
#: assumptions: "essentially never" before GPT-2 (2019-02), "rarely" after. The study counts
#: assisted text and new sites only, so for a crawl, which also meets old pages, these are upper
#: bounds. Replace the table when an estimate for the corpus itself exists.
DEFAULT_PRIOR: Final[Mapping[str, float]] = {
    "before_2019-02": 1e-6,
    "2019-02": 1e-3,
    "2022-12": 0.01,
    "2023-07": 0.08,
    "2024-01": 0.15,
    "2024-07": 0.22,
    "2025-01": 0.29,
    "2025-06": 0.35,
}

MONTH_PATTERN: Final = r"^(before_)?[1-9][0-9]{3}-(0[1-9]|1[0-2])$"

_BUDGET = re.compile(r"([0-9][0-9_]*)\s+tokens?", re.ASCII)
_WINDOW = re.compile(r"([0-9][0-9_]*)\s+documents?", re.ASCII)
_CADENCE = re.compile(r"every\s+(?:(window)|([0-9][0-9_]*)\s+documents?)", re.ASCII)


def share_fault(shares: Iterable[float]) -> str | None:
    """What is wrong with the shares of a mix taken together; None when they sum to 1."""
    total = math.fsum(shares)
    excess = total - 1
    if abs(excess) <= SHARE_TOLERANCE:
        return None
    side = "too much" if excess > 0 else "missing"
    return f"the shares sum to {total:.6g}, not 1: {abs(excess):.6g} {side}"


def month_fault(months: Sequence[str]) -> str | None:
    """What is wrong with the order of a prior's keys (at least one); None when it is right."""
    if not months[0].startswith("before_"):
        return f"the first entry must be 'before_YYYY-MM'; it is {months[0]!r}"
    for earlier, later in pairwise(months):
        if later.startswith("before_"):
            return f"{later!r} must be the first entry; only one 'before_' is possible"
        start = earlier.removeprefix("before_")
        # 'before_2019-02' may be followed by '2019-02' itself: the one ends where the other starts.
        if later < start or later == earlier:
            return f"{later!r} must be later than {earlier!r}"
    return None


def repeated(names: Iterable[str]) -> tuple[str, ...]:
    """The names that occur more than once, in order of first occurrence."""
    return tuple(name for name, count in Counter(names).items() if count > 1)


def _number(value: Any) -> Any:
    # YAML 1.1 reads 1e-3 (no dot) as text, and pydantic would take `yes` for 1.0.
    if isinstance(value, bool):
        raise PydanticCustomError("number", "it must be a number")
    return value


def _date(value: Any) -> Any:
    # pydantic would take a bare integer for seconds since 1970.
    is_day = isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)
    if is_day or isinstance(value, str):
        return value
    raise PydanticCustomError("date", "it must be a date such as 2022-01-01")


def _version(value: Any) -> Any:
    if isinstance(value, bool) or value != 1:
        raise PydanticCustomError("version", "it must be 1, the only version there is")
    return 1


def _budget(value: Any) -> int | Literal["max"]:
    if value == "max":
        return "max"
    if isinstance(value, str) and (match := _BUDGET.fullmatch(value.strip())):
        value = int(match[1])
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**62:
        return value
    raise PydanticCustomError("budget", "it must be a number of tokens ('1_000_000 tokens') or max")


def _tokens(value: Any) -> int:
    if value == "max" or isinstance(value, float):
        raise PydanticCustomError("tokens", "it must be a number of tokens ('1_000_000 tokens')")
    tokens = _budget(value)
    assert isinstance(tokens, int)
    return tokens


def _window(value: Any) -> int:
    if isinstance(value, str) and (match := _WINDOW.fullmatch(value.strip())):
        value = int(match[1])
    if isinstance(value, int) and not isinstance(value, bool) and 2 <= value <= 1_000_000:
        return value
    what = "it must be a number of documents from 2 to 1_000_000 ('1000 documents')"
    raise PydanticCustomError("window", what)


def _cadence(value: Any) -> int | Literal["window"]:
    match = _CADENCE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match and match[1]:
        return "window"
    if match and 1 <= int(match[2]) < 2**62:
        return int(match[2])
    raise PydanticCustomError("cadence", "it must be 'every window' or 'every 500 documents'")


def _view(value: Any) -> Any:
    return {"where": value} if isinstance(value, str) else value


def _view_name(value: str) -> str:
    if value == "default":
        raise PydanticCustomError("reserved", "this name stands for all kept documents")
    return value


def _reason(value: str) -> str:
    if value in reasons.reserved():
        raise PydanticCustomError("reserved", "this name is reserved for the library's own reasons")
    return value


_BUDGET_SCHEMA = {
    "anyOf": [
        {"type": "integer", "exclusiveMinimum": 0},
        {"type": "string", "pattern": "^([0-9][0-9_]* +tokens?|max)$"},
    ]
}

_TOKENS_SCHEMA = {"anyOf": [_BUDGET_SCHEMA["anyOf"][0],
                            {"type": "string", "pattern": "^[0-9][0-9_]* +tokens?$"}]}  # fmt: skip
_WINDOW_SCHEMA = {
    "anyOf": [
        {"type": "integer", "minimum": 2, "maximum": 1_000_000},
        {"type": "string", "pattern": "^[0-9][0-9_]* +documents?$"},
    ]
}
_CADENCE_SCHEMA = {
    "type": "string",
    "pattern": "^every +(window|[0-9][0-9_]* +documents?)$",
}

Number = Annotated[float, BeforeValidator(_number), Field(allow_inf_nan=False)]
Integer = Annotated[int, Strict()]
Probability = Annotated[Number, Field(gt=0, lt=1)]
Share = Annotated[Number, Field(ge=0, le=1)]
Day = Annotated[datetime.date, BeforeValidator(_date)]
Month = Annotated[str, Field(pattern=MONTH_PATTERN)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
Predicate = Annotated[str, Field(min_length=1, max_length=PREDICATE_CHARACTERS)]
Version = Annotated[
    Literal[1], PlainValidator(_version), WithJsonSchema({"const": 1, "type": "integer"})
]
Budget = Annotated[int | Literal["max"], PlainValidator(_budget), WithJsonSchema(_BUDGET_SCHEMA)]
Tokens = Annotated[int, PlainValidator(_tokens), WithJsonSchema(_TOKENS_SCHEMA)]
Window = Annotated[int, PlainValidator(_window), WithJsonSchema(_WINDOW_SCHEMA)]
Cadence = Annotated[
    int | Literal["window"], PlainValidator(_cadence), WithJsonSchema(_CADENCE_SCHEMA)
]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DropRule(_Model):
    """Documents for which `when` is true are left out, with `reason`."""

    when: Predicate = Field(description="SQL predicate over one document; null counts as false.")
    reason: Annotated[Name, AfterValidator(_reason)] = Field(
        description="snake_case name that reports and the reject ledger use."
    )


class Stratum(_Model):
    """One part of the mix. A document belongs to the first stratum whose `where` is true."""

    name: Name = Field(description="snake_case name of the stratum.")
    where: Predicate = Field(description="SQL predicate over one document; null counts as false.")
    share: Share = Field(description="Share of the token budget, 0 to 1. Shares sum to 1.")
    max_epochs: Annotated[Integer, Field(ge=1, le=1000)] = Field(
        default=1, description="How often one document may count."
    )


class Caps(_Model):
    """The most tokens that one host, or one language, may offer to the mix.

    A cap is a number of tokens and no share of the budget: so a larger budget can only add
    documents. What is offered counts once; `max_epochs` may then take it several times.
    """

    host: Tokens | None = Field(default=None, description="Tokens of one host ('100_000 tokens').")
    lang: Mapping[str, Tokens] = Field(
        default={}, description="Tokens of one language, by ISO 639-1 code; others are not capped."
    )


class Mix(_Model):
    """A token budget and how it is shared out."""

    budget: Budget = Field(
        description="Tokens of the mix: '1_000_000 tokens', or 'max' for the largest feasible."
    )
    strata: Annotated[tuple[Stratum, ...], Field(min_length=1)] = Field(
        description="Parts of the mix. They are exclusive: the first that holds takes a document."
    )
    infeasible: Literal["error", "shrink"] = Field(
        default="error",
        description="When a stratum has too few tokens: stop, or take the largest feasible mix.",
    )
    caps: Caps = Field(default=Caps(), description="Limits per host and per language.")
    repeats: Literal["column", "rows"] = Field(
        default="column",
        description="A document that counts several times: one row with its `epochs`, or as many "
        "rows.",
    )

    @model_validator(mode="after")
    def _strata_fit_together(self) -> Self:
        fault = share_fault(stratum.share for stratum in self.strata)
        if fault:
            raise PydanticCustomError(RULE, "{fault}", {"fault": fault})
        if twice := repeated(stratum.name for stratum in self.strata):
            raise PydanticCustomError(RULE, "stratum {name} is given twice", {"name": twice[0]})
        return self


Measure = Literal["rarity", "ngram_novelty"]

#: Columns that say how rare a document is.
MEASURES: Final[tuple[Measure, ...]] = get_args(Measure)


class Tails(_Model):
    """Sampling weights towards rare human documents (see `provenance.policy.tails`)."""

    protect: Annotated[Number, Field(gt=0, le=1)] = Field(
        description="Share of human documents, the rarest, that weigh more than 1 and that no rule "
        "over quality columns may drop."
    )
    max_weight: Annotated[Number, Field(ge=1, le=1000)] = Field(
        description="Weight of the rarest document."
    )
    measure: Measure = Field(
        default="rarity",
        description="The column that says how rare a document is: rare words, or new word pairs.",
    )


class Curriculum(_Model):
    """The order in which documents are written (see `provenance.policy.curriculum`)."""

    window: Window = Field(
        description="Every run of this many documents holds the mix: '1000 documents'."
    )
    human_refresh: Cadence | None = Field(
        default=None,
        description="How often a tier 1 document must come: 'every window', 'every 500 documents'.",
    )

    def cadence(self) -> int | None:
        """The most documents in a row without one of tier 1; None = as it falls."""
        return self.window if self.human_refresh == "window" else self.human_refresh


class View(_Model):
    """A named subset of the kept documents."""

    where: Predicate = Field(description="SQL predicate over one document; null counts as false.")
    copy_rows: Annotated[bool, Strict()] = Field(
        default=False, description="Write the rows once more, in files of their own."
    )


class Dedup(_Model):
    """What counts as a copy."""

    near_duplicates: Annotated[bool, Strict()] = Field(
        default=True, description="Look for near-duplicates (MinHash), not only exact copies."
    )


class Policy(_Model):
    """What to keep, what to drop and why, and in which proportions."""

    version: Version = Field(description="Version of this format.")
    cutoff: Day = Field(
        default=datetime.date(2022, 1, 1),
        description="A trusted capture before this day proves human origin.",
    )
    false_positive_rate: Annotated[Number, Field(gt=0, le=0.5)] = Field(
        default=0.01,
        description="Share of human documents that detection may wrongly call synthetic.",
    )
    prior: Annotated[Mapping[Month, Probability], Field(min_length=1)] = Field(
        default=DEFAULT_PRIOR,
        description="Probability that a captured page is synthetic, by month: 'before_YYYY-MM' "
        "before that month, 'YYYY-MM' from that month on until the next entry.",
    )
    dedup: Dedup = Field(default=Dedup(), description="How copies are found.")
    detectors: DetectorGroups | None = Field(
        default=None,
        description="Detectors that score: names, and groups that read a model"
        " ({language_model: smollm2-135m, detectors: [perplexity]}; {classifier: FOLDER, detectors:"
        " [classifier]}). Default: linear and stylometry.",
    )
    sources: Annotated[str, Field(min_length=1)] | None = Field(
        default=None,
        description="Path of a table that maps sites to source classes (CSV, Parquet or YAML), "
        "relative to the policy file.",
    )
    drop: tuple[DropRule, ...] = Field(
        default=(), description="Rules that leave documents out; every failing rule is recorded."
    )
    mix: Mix | None = Field(
        default=None, description="Token budget by stratum; without it all that is left is kept."
    )
    tails: Tails | None = Field(default=None, description="Weights towards rare human documents.")
    curriculum: Curriculum | None = Field(
        default=None, description="Order of the documents; without it, that of the input."
    )
    views: Mapping[
        Annotated[Name, AfterValidator(_view_name)], Annotated[View, BeforeValidator(_view)]
    ] = Field(default={}, description="Named subsets of the kept documents: name to predicate.")
    seed: Annotated[Integer, Field(ge=0, lt=2**63)] = Field(
        default=0, description="Seed of every random choice."
    )
    dataset: Publication = Field(
        default=Publication(), description="How the dataset is called where it is published."
    )
    prices: Prices | None = Field(
        default=None, description="Price of tokens by tier, for attribution."
    )

    @model_validator(mode="after")
    def _months_go_forward(self) -> Self:
        if fault := month_fault(list(self.prior)):
            raise PydanticCustomError(RULE, "{fault}", {"fault": fault})
        return self

    def prior_steps(self) -> tuple[tuple[datetime.date | None, float], ...]:
        """(first day, probability) in order of time; the first day of the first step is None.

        A step holds until the next begins: where 'before_2019-02' is followed by '2022-11', the
        months between belong to the former.
        """
        steps = [(_first_day(month), value) for month, value in self.prior.items()]
        return ((None, steps[0][1]), *steps[1:])


def _first_day(month: str) -> datetime.date:
    return datetime.date.fromisoformat(month.removeprefix("before_") + "-01")


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a policy file, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Policy.model_json_schema()}
