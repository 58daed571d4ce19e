"""Finding copies, as a part that works alone.

    from provenance.dedup import clusters, duplicates, sign_documents, signatures

    signatures(["a text", "another"])              # uint32 [2, 112], those of datasketch
    reader = sign_documents("texts.parquet")       # doc_id, n_shingles, signature
    clusters(reader, scratch="/tmp")               # doc_id, cluster_id
    duplicates("texts.parquet", scratch="/tmp")    # doc, match, kind, similarity, containment

`minhash` says what a signature is made of. Everything is loaded on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from provenance.dedup.clustering import clusters
    from provenance.dedup.copies import duplicates
    from provenance.dedup.library import sign_documents, signatures
    from provenance.dedup.parameters import DedupParameters

__all__ = ["DedupParameters", "clusters", "duplicates", "sign_documents", "signatures"]

_HOMES = {
    "DedupParameters": "parameters",
    "clusters": "clustering",
    "duplicates": "copies",
    "sign_documents": "library",
    "signatures": "library",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'provenance.dedup' has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(f"provenance.dedup.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return list(__all__)
