"""What publishers allow: the rights of each page and of its site, and their verdict on training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from provenance import batch as contract
from provenance.evidence.rights import train_ai
from provenance.evidence.site_rights import SiteRights

#: The host of an address (RE2), without user and port.
_HOST = r"^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[^/?#:]+)"
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
        own, urls = batch.column("page_rights"), batch.column("url")
        rights: list[list[dict[str, Any]] | None] = [None] * batch.num_rows
        stances = ["unspecified"] * batch.num_rows
        # Publishers of most pages say nothing: only the others are made Python values.
        for row in np.flatnonzero(self._has_site(urls) | _is_valid(own)).tolist():
            said = self._rights(urls[row].as_py(), own[row].as_py() or [])
            about = (one["preference"] for one in said if one["use"] == "train_ai")
            rights[row], stances[row] = said or None, train_ai(about)
        return contract.append(
            batch,
            {
                "rights": pa.array(rights, type=contract.RIGHTS),
                "train_ai": pa.array(stances, type=pa.string()),
            },
        )

    def _has_site(self, urls: pa.Array) -> NDArray[np.bool_]:
        """Whether the host of each address states anything for all its pages, bool [n]."""
        hosts = self.sites.hosts
        if not hosts:
            return np.zeros(len(urls), dtype=bool)
        found = pc.struct_field(pc.extract_regex(urls, _HOST), "host")
        stated = pc.is_in(pc.utf8_lower(found), pa.array(hosts, pa.string()))
        return stated.to_numpy(zero_copy_only=False)

    def _rights(self, url: str | None, own: list[dict[str, Any]]) -> list[dict[str, Any]]:
        has_own = any(said["source"].endswith(_RESERVATION) for said in own)
        site = self.sites.preferences(url or "", has_own_reservation=has_own)
        return [*own, *(said.row() for said in site)]


def _is_valid(column: pa.Array) -> NDArray[np.bool_]:
    return column.is_valid().to_numpy(zero_copy_only=False)
