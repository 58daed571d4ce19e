"""What publishers allow: the rights of each page and of its site, and their verdict on training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from provenance import batch as contract
from provenance.evidence.rights import train_ai
from provenance.evidence.site_rights import SiteRights

#: In the `source` of a preference that states a TDMRep reservation.
_RESERVATION = "tdm-reservation"


@dataclass(frozen=True, slots=True)
class Permit:
    """Adds `rights`, null where nobody said anything, and `train_ai`: the most restrictive wins."""

    sites: SiteRights

    name = "permit"
    reads = ("url", "page_rights")
    adds = contract.added_by("permit")
    drops = ()

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        own = batch.column("page_rights").to_pylist()
        urls = batch.column("url").to_pylist() if self.sites else [None] * len(own)
        rights = [self._rights(url, said or []) for url, said in zip(urls, own, strict=True)]
        stances = [
            train_ai(said["preference"] for said in each if said["use"] == "train_ai")
            for each in rights
        ]
        return contract.append(
            batch,
            {
                "rights": pa.array([each or None for each in rights], type=contract.RIGHTS),
                "train_ai": pa.array(stances, type=pa.string()),
            },
        )

    def _rights(self, url: str | None, own: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if url is None:
            return own
        has_own = any(said["source"].endswith(_RESERVATION) for said in own)
        found = self.sites.preferences(url, has_own_reservation=has_own)
        return [*own, *(said.row() for said in found)]
