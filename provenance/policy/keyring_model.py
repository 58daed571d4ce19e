"""What a keyring file may say: tokenizers, nulls, and watermarks by scheme with parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from detectors.watermark.seeding import seeding
from detectors.watermark.synthid import Statistic, Table


class Watermarked(BaseModel):
    """What every scheme has; a subclass's other fields are its detector's parameters."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    own: ClassVar[frozenset[str]] = frozenset({"name", "scheme", "tokenizer"})

    scheme: str
    name: str = Field(min_length=1, max_length=100)
    tokenizer: str

    def variants(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Name and detector parameters of each combination."""
        yield self.name, self.model_dump(exclude=set(self.own))


Key = Annotated[int, Field(ge=0, lt=2**63)]
VocabSize = Annotated[int, Field(ge=2, le=2**24)]
Share = Annotated[float, Field(gt=0, lt=1)]
Width = Annotated[int, Field(ge=1, le=16)]


class Seeded(Watermarked):
    """A scheme whose draws are seeded by the context."""

    vocab_size: VocabSize
    key: Key = 15_485_863
    context_width: Width | None = None

    @field_validator("seeding", check_fields=False)
    @classmethod
    def _known(cls, name: str) -> str:
        seeding(name, key=0, context_width=None, vocab_size=2)
        return name


class Kgw(Seeded):
    """Parameters of `detectors.watermark.kgw`."""

    scheme: Literal["kgw"]
    seeding: str = "transformers-lefthash"
    gamma: Share = 0.25


class Gumbel(Seeded):
    """Parameters of `detectors.watermark.gumbel`."""

    scheme: Literal["gumbel"]
    seeding: str = "markllm-exp"


class Unigram(Watermarked):
    """Parameters of `detectors.watermark.unigram`."""

    scheme: Literal["unigram"]
    vocab_size: VocabSize
    key: Key = 0
    gamma: Share = 0.5


class SynthID(Watermarked):
    """Parameters of `detectors.watermark.synthid`."""

    scheme: Literal["synthid"]
    keys: Annotated[list[Key], Field(min_length=1, max_length=100)]
    tables: Annotated[list[Table], Field(min_length=1)] = ["cpu", "cuda"]
    ngram_len: Annotated[int, Field(ge=2, le=16)] = 5
    table_size: Annotated[int, Field(ge=2, le=2**20)] = 65_536
    table_seed: Key = 0
    statistic: Statistic = "weighted_mean"

    def variants(self) -> Iterator[tuple[str, dict[str, Any]]]:
        parameters = self.model_dump(exclude={*self.own, "tables"})
        for table in dict.fromkeys(self.tables):
            yield f"{self.name}, table {table}", parameters | {"table": table}


Entry = Annotated[Kgw | Gumbel | Unigram | SynthID, Field(discriminator="scheme")]
SCHEMES: Final[Mapping[str, type[Watermarked]]] = {
    "kgw": Kgw, "gumbel": Gumbel, "unigram": Unigram, "synthid": SynthID,
}  # fmt: skip


class KeyringFile(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    tokenizers: Annotated[dict[str, str], Field(min_length=1)]
    nulls: str | None = None
    watermarks: Annotated[list[Entry], Field(min_length=1, max_length=1000)]
