"""`croissant.json`: the dataset in Croissant 1.1 with the RAI fields, for search and for loaders.

https://docs.mlcommons.org/croissant/docs/croissant-spec.html, and croissant-rai-spec.html. Values
are the manifest's; the file list holds what stood before this file was written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from provenance import batch as contract

NAME = "croissant.json"
PARQUET = "application/x-parquet"

#: The context of Croissant 1.1 as the specification gives it, with RAI and PROV.
_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    "description": {"@container": "@language"},
    "conformsTo": "dct:conformsTo",
    "dct": "http://purl.org/dc/terms/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "prov": "http://www.w3.org/ns/prov#",
    **{
        term: f"cr:{term}"
        for term in (
            "arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "extract",
            "field", "fileObject", "fileProperty", "fileSet", "format", "includes", "isArray",
            "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet",
            "references", "regex", "repeated", "replace", "samplingRate", "separator", "source",
            "subField", "transform",
        )
    },
}  # fmt: skip

_DATA_FILES = {
    "@type": "cr:FileSet",
    "@id": "data-files",
    "name": "data-files",
    "encodingFormat": PARQUET,
    "includes": "data/*.parquet",
}

_TYPES = (
    (pa.types.is_boolean, "sc:Boolean"),
    (pa.types.is_timestamp, "sc:DateTime"),
    (pa.types.is_float32, "cr:Float32"),
    (pa.types.is_floating, "cr:Float64"),
    (pa.types.is_uint8, "cr:UInt8"),
    (pa.types.is_int32, "cr:Int32"),
    (pa.types.is_integer, "cr:Int64"),
)

_LIMITATIONS = (
    "Detection errs: at a false-positive rate of {fpr:g} human text is flagged, and a document of"
    " tier 2 can be synthetic. Absence of evidence is unknown, never human: tier 3 holds what"
    " nothing is known of. {abstained:,} documents could be judged by no detector."
)
_BIASES = (
    "Detectors are calibrated per language and length and abstain elsewhere, so languages are"
    " filtered unequally; non-native and formulaic human writing is flagged more often. The mix"
    " follows the policy in manifest.json, and pages follow what the crawler saw."
)
_PERSONAL = (
    "Public web pages as captured: they hold names, addresses and opinions of persons. Nothing was"
    " anonymised."
)
_USES = (
    "Training and evaluation of language models where the share of machine-generated text must be"
    " known; study of provenance. Not for judging whether a person wrote a text."
)
_IMPACT = (
    "Keeps human language in training data as the web fills with generated text. A human text"
    " dropped in error is a voice lost; the reasons for every drop are in decisions.parquet."
)


def croissant(
    manifest: Mapping[str, Any], schema: pa.Schema, files: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """The JSON-LD of a dataset.

    manifest: all but its file list. schema: of the data files. files: `manifest.describe` by name.
    """
    about = manifest["policy"]["dataset"]
    given = {
        "license": about["license"],
        "url": about["url"],
        "datePublished": about["published"],
        "citeAs": about["cite_as"],
        "creator": about["creator"] and {"@type": "sc:Organization", "name": about["creator"]},
    }
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": [
            "http://mlcommons.org/croissant/1.1",
            "http://mlcommons.org/croissant/RAI/1.0",
        ],
        "name": about["name"],
        "description": about["description"] or description(manifest),
        "version": "1.0.0",
        **{key: value for key, value in given.items() if value is not None},
        **_responsible(manifest),
        "distribution": [*_file_objects(files), _DATA_FILES],
        "recordSet": [
            _documents(schema),
            *(_view(view, schema) for view in manifest["views"]),
            _record_set("all-decisions", "Every document read and what became of it.",
                        "fileObject", "decisions.parquet", _DECISION_FIELDS),
        ],
    }  # fmt: skip


#: Columns of the decisions that the record set describes: those of a Merkle leaf, and the reason.
_DECISION_FIELDS = contract.schema(
    ("doc_id", "url", "captured_at", "content_hash", "n_tokens", "p_synthetic", "tier",
     "tier_reason", "stratum", "decision", "reason", "epochs")
)  # fmt: skip


def description(manifest: Mapping[str, Any]) -> str:
    """One sentence with the numbers of the dataset."""
    summary = manifest["summary"]
    return (
        f"{summary['kept_documents']:,} documents ({summary['kept_tokens']:,} tokens) of"
        f" {summary['documents']:,} read, each with its provenance tier and the evidence behind it."
    )


def _responsible(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The RAI fields, and where the dataset comes from (PROV)."""
    summary, policy = manifest["summary"], manifest["policy"]
    may_be_synthetic = any(row["kept_documents"] for row in summary["tiers"] if row["tier"] != 1)
    package = manifest["input"]["versions"].get("provenance-filter", "")
    return {
        "rai:dataLimitations": _LIMITATIONS.format(
            fpr=policy["false_positive_rate"], abstained=summary["abstained"]
        ),
        "rai:dataBiases": _BIASES,
        "rai:personalSensitiveInformation": _PERSONAL,
        "rai:dataUseCases": _USES,
        "rai:dataSocialImpact": _IMPACT,
        "rai:hasSyntheticData": may_be_synthetic,
        "prov:wasDerivedFrom": {
            "@type": "prov:Entity",
            "prov:label": f"{manifest['input']['files']} files, named in manifest.json",
        },
        "prov:wasGeneratedBy": {
            "@type": "prov:Activity",
            "prov:label": f"provenance-filter {package}, policy {manifest['request']['policy']},"
            f" Merkle root {manifest['merkle']['root']}",
        },
    }


def _file_objects(files: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for name, described in sorted(files.items()):
        if name.endswith(".parquet"):
            yield {
                "@type": "cr:FileObject",
                "@id": name,
                "name": name,
                "contentUrl": name,
                "contentSize": f"{described['bytes']} B",
                "encodingFormat": PARQUET,
                "sha256": described["sha256"],
            }


def _documents(schema: pa.Schema) -> dict[str, Any]:
    text = "The kept documents with their text; one counts `epochs` times."
    return _record_set("default", text, "fileSet", "data-files", schema)


def _view(view: Mapping[str, Any], schema: pa.Schema) -> dict[str, Any]:
    """A view: its own file, or, since Croissant has no filter on rows, a name for a column."""
    where = f"{view['documents']:,} documents ({view['tokens']:,} tokens) where {view['where']}."
    if view["copy_rows"]:
        file = f"views/{view['name']}.parquet"
        return _record_set(view["name"], where, "fileObject", file, schema)
    text = f"{where} Rows of `default` in which {view['column']} is true."
    fields = pa.schema([schema.field("doc_id"), schema.field("text"), schema.field(view["column"])])
    return _record_set(view["name"], text, "fileSet", "data-files", fields)


def _record_set(name: str, text: str, kind: str, source: str, schema: pa.Schema) -> dict[str, Any]:
    # Croissant can name a list of structs, but its reader cannot read one: `evidence` is left out.
    flat = [field for field in schema if not pa.types.is_list(field.type)]
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": text,
        "field": [_field(name, field, {kind: {"@id": source}}) for field in flat],
    }


def _field(record_set: str, field: pa.Field, source: Mapping[str, Any]) -> dict[str, Any]:
    column = contract.column(field.name)
    return {
        "@type": "cr:Field",
        "@id": f"{record_set}/{field.name}",
        "name": field.name,
        "description": column.doc if column else "whether the row belongs to the view",
        "source": {**source, "extract": {"column": field.name}},
        "dataType": _data_type(field.type),
    }


def _data_type(kind: pa.DataType) -> str:
    return next((name for holds, name in _TYPES if holds(kind)), "sc:Text")
