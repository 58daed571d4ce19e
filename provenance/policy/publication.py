"""What a policy says of the dataset as a publication: its name, and what its tokens cost."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, Strict

Line = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\x00-\x1f\x7f]+$")]
Address = Annotated[str, Field(max_length=1000, pattern=r"^https?://[^\s<>\"\\]+$")]
Price = Annotated[float, Strict(), Field(ge=0, lt=1e12, allow_inf_nan=False)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Publication(_Model):
    """How the dataset card and croissant.json call the dataset. It changes no decision."""

    name: Line = Field(default="Filtered crawl", description="Title of the dataset.")
    description: Line | None = Field(default=None, description="What it is, in a sentence or two.")
    license: Line | None = Field(
        default=None,
        description="Licence of the collection: SPDX identifier or address. The documents keep"
        " those of their publishers.",
    )
    creator: Line | None = Field(default=None, description="Who publishes the dataset.")
    url: Address | None = Field(default=None, description="Where it is published.")
    published: datetime.date | None = Field(default=None, description="Day of publication.")
    cite_as: Line | None = Field(default=None, description="How to cite it.")


class Prices(_Model):
    """What a million tokens cost, by tier. A tier that is not named costs nothing."""

    currency: Line = Field(default="units", description="What the prices are counted in.")
    per_million_tokens: Annotated[
        Mapping[Literal["0", "1", "2", "3"], Price], Field(min_length=1)
    ] = Field(description="Tier to price of a million tokens, each epoch of a document counted.")
