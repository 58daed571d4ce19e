"""The one currency: Arrow record batches of schema `documents/1`.

Every column has one name, one type and one owner, fixed here. Columns are appended and never
change type; two exits exist (`extract` releases `raw`, `emit` projects). DuckDB loses non-null
flags, fixed-size binaries and schema metadata on the way through, so `restamp` is the only door
back, and it refuses what does not fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa

from provenance.errors import PlanError, Problem, nearest

VERSION = "documents/1"
METADATA = {b"provenance.schema": VERSION.encode()}

TIMESTAMP = pa.timestamp("us", tz="UTC")
DOC_ID = pa.binary(16)
EVIDENCE = pa.list_(
    pa.struct(
        [
            pa.field("kind", pa.string(), nullable=False),
            pa.field("polarity", pa.string(), nullable=False),
            pa.field("strength", pa.string(), nullable=False),
            pa.field("detail", pa.string()),
        ]
    )
)
#: What a publisher asks for one use of a document, and where it says so.
RIGHTS = pa.list_(
    pa.struct(
        [
            pa.field("source", pa.string(), nullable=False),
            pa.field("use", pa.string(), nullable=False),
            pa.field("preference", pa.string(), nullable=False),
            pa.field("detail", pa.string()),
        ]
    )
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the contract. `doc` is what the published schema says of it."""

    name: str
    type: pa.DataType
    added_by: str
    doc: str
    nullable: bool = True

    def field(self) -> pa.Field:
        return pa.field(self.name, self.type, nullable=self.nullable)


#: What published filters measure; `provenance.text.quality` has the definitions and sources.
_QUALITY = (
    ("words", "words that are not all punctuation and symbols (Gopher)"),
    ("mean_word_length", "characters per such word (Gopher)"),
    ("hashes", "'#' per word (Gopher)"),
    ("ellipses", "'...' and '…' per word (Gopher)"),
    ("bullet_lines", "share of lines that begin with a bullet (Gopher)"),
    ("ellipsis_lines", "share of lines that end in an ellipsis (Gopher)"),
    ("alphabetic_words", "share of words with a letter (Gopher)"),
    ("stop_words", "how many of the, be, to, of, and, that, have, with occur (Gopher)"),
    ("duplicate_lines", "share of lines that came before (Gopher)"),
    ("duplicate_line_chars", "share of characters in such lines (Gopher)"),
    ("duplicate_paragraphs", "share of paragraphs that came before (Gopher)"),
    ("duplicate_paragraph_chars", "share of characters in such paragraphs (Gopher)"),
    ("top_2_gram", "share of characters in the most frequent 2-gram (Gopher)"),
    ("top_3_gram", "share of characters in the most frequent 3-gram (Gopher)"),
    ("top_4_gram", "share of characters in the most frequent 4-gram (Gopher)"),
    ("duplicate_5_grams", "share of characters in 5-grams that came before (Gopher)"),
    ("duplicate_6_grams", "share of characters in 6-grams that came before (Gopher)"),
    ("duplicate_7_grams", "share of characters in 7-grams that came before (Gopher)"),
    ("duplicate_8_grams", "share of characters in 8-grams that came before (Gopher)"),
    ("duplicate_9_grams", "share of characters in 9-grams that came before (Gopher)"),
    ("duplicate_10_grams", "share of characters in 10-grams that came before (Gopher)"),
    ("c4_lines", "share of lines that C4's rules for lines keep (C4)"),
    ("c4_sentences", "sentences in those lines: ends of sentences by UAX 29's marks (C4)"),
    ("lorem_ipsum", "1 where a line that C4 keeps says 'lorem ipsum' (C4)"),
    ("curly_bracket", "1 where a line that C4 keeps holds '{' (C4)"),
    ("terminal_lines", "share of lines that end a sentence (FineWeb)"),
    ("short_lines", "share of lines of 30 characters or fewer (FineWeb)"),
    ("duplicate_chars", "share of characters in lines that came before (FineWeb)"),
    ("line_breaks", "line breaks per word (FineWeb)"),
    ("form", "share of these statistics that lie where their source keeps a text"),
)

_COLUMNS: tuple[Column, ...] = (
    Column(
        "doc_id",
        DOC_ID,
        "source",
        "BLAKE2b-128 of the WARC-Record-ID, else of shard name and position",
        False,
    ),
    Column("source_uri", pa.string(), "source", "the file it came from, as given", False),
    Column("source_pos", pa.int64(), "source", "byte offset, line or row in that file", False),
    Column("record_id", pa.string(), "source", "WARC-Record-ID"),
    Column("url", pa.string(), "source", "address as recorded by the crawler"),
    Column("host", pa.string(), "source", "lower-case host name of url"),
    Column("captured_at", TIMESTAMP, "source", "capture date as recorded by the crawler"),
    Column("media_type", pa.string(), "source", "lower-case media type without parameters"),
    Column(
        "headers",
        pa.map_(pa.string(), pa.string()),
        "source",
        "HTTP response headers, names in lower case",
    ),
    Column(
        "truncated",
        pa.string(),
        "source",
        "why the crawler cut the payload short (WARC-Truncated); null = whole",
    ),
    Column("raw", pa.large_binary(), "source", "payload bytes; released by extract"),
    Column("text", pa.large_string(), "extract", "main text; null comes with no_text_reason"),
    Column("charset", pa.string(), "extract", "charset the payload was decoded with"),
    Column("no_text_reason", pa.string(), "extract", "why text is null (reasons.NO_TEXT)"),
    Column(
        "marks",
        EVIDENCE,
        "extract",
        "facts read off the page and its headers; released by gather, which keeps them in evidence",
        False,
    ),
    Column(
        "page_rights",
        RIGHTS,
        "extract",
        "what the page and its headers allow or deny, by use; null = they say nothing",
    ),
    Column("content_hash", DOC_ID, "identify", "BLAKE2b-128 of the normal form of text"),
    Column(
        "normal_form",
        pa.large_string(),
        "identify",
        "form of text that is hashed and shingled; released by sign",
    ),
    Column("lang", pa.string(), "identify", "ISO 639-1 language of text; 'und' = undetermined"),
    Column("lang_confidence", pa.float32(), "identify", "probability of lang, 0 to 1"),
    Column("n_chars", pa.int64(), "identify", "Unicode code points of text"),
    Column(
        "n_tokens", pa.int64(), "identify", "tokens of text (estimate unless a tokenizer is set)"
    ),
    Column(
        "rarity",
        pa.float32(),
        "identify",
        "share of distinct words used less than once in a million; null = unknown",
    ),
    Column(
        "ngram_novelty",
        pa.float32(),
        "identify",
        "share of distinct word pairs that people hardly wrote before 2022; null = unknown",
    ),
    *(Column(f"quality_{name}", pa.float32(), "quality", doc) for name, doc in _QUALITY),
    Column("evidence", EVIDENCE, "gather", "facts about the document's origin, no verdicts", False),
    Column(
        "llr",
        pa.float32(),
        "fuse",
        "calibrated log-likelihood ratio of all detectors, nats, positive = machine",
    ),
    Column("llr_low", pa.float32(), "fuse", "lower end of its 95 % interval"),
    Column("llr_high", pa.float32(), "fuse", "upper end of its 95 % interval"),
    Column(
        "human_tail",
        pa.float32(),
        "fuse",
        "conformal p value: at most this share of comparable human texts scores as high",
    ),
    Column("abstained", pa.string(), "fuse", "why there is no llr (reasons.ABSTAIN); null = given"),
    Column("n_shingles", pa.int32(), "sign", "distinct shingles behind the signature"),
    Column(
        "signature",
        pa.large_binary(),
        "sign",
        "MinHash signature, little-endian uint32, in a side table",
    ),
    Column(
        "sketch",
        pa.large_binary(),
        "sign",
        "sample of shingle hashes, ascending little-endian uint32, in a side table",
    ),
    Column(
        "probes",
        pa.large_binary(),
        "sign",
        "smaller sample of 64-bit shingle hashes, ascending, in a side table",
    ),
    Column("cluster_id", DOC_ID, "dedup", "doc_id of the cluster's keeper"),
    Column("cluster_size", pa.int32(), "dedup", "documents in the cluster, itself counted"),
    Column("is_keeper", pa.bool_(), "dedup", "the copy to keep of its cluster", False),
    Column("duplicate_of", DOC_ID, "dedup", "the document it matched; null = no match"),
    Column(
        "first_seen",
        TIMESTAMP,
        "dedup",
        "earliest capture of this text: its own, or one lent by a direct match",
    ),
    Column("anchor_doc", pa.string(), "dedup", "the document that lent first_seen"),
    Column("contaminated_by", DOC_ID, "dedup", "the excluded benchmark item that its text holds"),
    Column("source_class", pa.string(), "grade", "class of the source in the user's table"),
    Column("p_synthetic", pa.float32(), "grade", "posterior probability of being synthetic", False),
    Column("p_low", pa.float32(), "grade", "lower end of its 95 % interval", False),
    Column("p_high", pa.float32(), "grade", "upper end of its 95 % interval", False),
    Column("tier", pa.uint8(), "grade", "provenance tier 1 to 3; 0 = synthetic", False),
    Column("tier_reason", pa.string(), "grade", "what put it in its tier", False),
    Column(
        "rights",
        RIGHTS,
        "permit",
        "what page, headers and site allow or deny, by use; null = they say nothing",
    ),
    Column(
        "train_ai",
        pa.string(),
        "permit",
        "may it train AI: allowed, denied or unspecified; the most restrictive of rights",
        False,
    ),
    Column("stratum", pa.string(), "decide", "the stratum of the mix it counts for"),
    Column("decision", pa.string(), "decide", "keep or drop", False),
    Column("reason", pa.string(), "decide", "the first rule that dropped it; null = kept"),
    Column("reasons", pa.list_(pa.string()), "decide", "every rule it failed", False),
    Column(
        "protected",
        pa.bool_(),
        "decide",
        "one of the rarest human documents, kept against a rule over quality columns",
        False,
    ),
    Column("weight", pa.float32(), "decide", "sampling weight", False),
    Column(
        "epochs", pa.int32(), "decide", "times the document counts in the mix; 0 = dropped", False
    ),
)

#: The columns of one detector, by what stands before its name.
_DETECTED = {
    "score": (pa.float32(), "raw score of detector {}, higher = more machine-like; null = none"),
    "tokens": (pa.int32(), "tokens that detector {} scored; null = it was not asked"),
    "part": (pa.float32(), "what of llr comes from detector {}, nats; null = no reading"),
    "abstained": (pa.string(), "why detector {} gave no score or no reading (reasons.ABSTAIN)"),
}


def detected(detector: str) -> tuple[Column, ...]:
    """The columns of one detector, which stand before those of `fuse`."""
    return tuple(
        Column(f"{kind}_{detector}", type_, "detect", doc.format(detector))
        for kind, (type_, doc) in _DETECTED.items()
    )


def column(name: str) -> Column | None:
    """The column of the contract that is called so, a detector's included; None = there is none."""
    kind, _, detector = name.partition("_")
    if name in COLUMNS or kind not in _DETECTED or not detector:
        return COLUMNS.get(name)
    return next(one for one in detected(detector) if one.name == name)


COLUMNS: dict[str, Column] = {column.name: column for column in _COLUMNS}

SIGNATURES = pa.schema(
    [
        pa.field("doc_id", DOC_ID, nullable=False),
        pa.field("n_shingles", pa.int32(), nullable=False),
        pa.field("signature", pa.large_binary(), nullable=False),
        pa.field("sketch", pa.large_binary(), nullable=False),
        pa.field("probes", pa.large_binary(), nullable=False),
    ],
    metadata={b"provenance.schema": b"signatures/1"},
)

REJECTS = pa.schema(
    [
        pa.field("record_id", pa.string()),
        pa.field("source_uri", pa.string(), nullable=False),
        pa.field("source_pos", pa.int64(), nullable=False),
        pa.field("url", pa.string()),
        pa.field("is_record", pa.bool_(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("detail", pa.string()),
    ],
    metadata={b"provenance.schema": b"rejects/1"},
)


def schema(names: Iterable[str]) -> pa.Schema:
    """The Arrow schema of the named columns, in the contract's order. Raises PlanError.

    Of the columns of several detectors those of one stay together, in the order first named.
    """
    wanted = list(dict.fromkeys(names))
    found = {name: column(name) for name in wanted}
    unknown = [name for name, one in found.items() if one is None]
    if unknown:
        raise PlanError(
            [
                Problem(
                    "schema", f"no column {name!r} in {VERSION}", suggestion=nearest(name, COLUMNS)
                )
                for name in unknown
            ]
        )
    chosen = [one for one in found.values() if one is not None]
    return pa.schema([c.field() for c in sorted(chosen, key=_place(wanted))], metadata=METADATA)


def _place(wanted: Sequence[str]) -> Callable[[Column], tuple[int, int, int]]:
    """The key that sorts columns: detectors' before `llr`, each detector's by kind."""
    fixed = {name: place for place, name in enumerate(COLUMNS)}
    detectors = list(dict.fromkeys(n.partition("_")[2] for n in wanted if n not in COLUMNS))

    def place(one: Column) -> tuple[int, int, int]:
        if one.name in fixed:
            return fixed[one.name], len(detectors), 0
        kind, _, detector = one.name.partition("_")
        return fixed["llr"], detectors.index(detector), list(_DETECTED).index(kind)

    return place


def added_by(stage: str) -> tuple[str, ...]:
    """The columns that a stage owns, in order."""
    return tuple(column.name for column in _COLUMNS if column.added_by == stage)


def append(batch: pa.RecordBatch, columns: dict[str, pa.Array]) -> pa.RecordBatch:
    """`batch` with `columns` appended, buffers shared. Refuses a type or null that drifts."""
    fields = list(batch.schema)
    arrays = list(batch.columns)
    for name, array in columns.items():
        one = column(name)
        if one is None or array.type != one.type:
            raise TypeError(f"column {name!r} is {one and one.type}, not {array.type}")
        if not one.nullable and array.null_count:
            raise ValueError(f"column {name!r} must not be null; {array.null_count} nulls given")
        fields.append(one.field())
        arrays.append(array)
    return pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields, metadata=METADATA))


def release(batch: pa.RecordBatch, names: Sequence[str]) -> pa.RecordBatch:
    """`batch` without the named columns."""
    return batch.select([name for name in batch.schema.names if name not in set(names)])


def restamp(table: pa.Table | pa.RecordBatch, to: pa.Schema) -> pa.Table:
    """`table`, as DuckDB returned it, cast to the contract `to` by name.

    Raises ValueError when a column of `to` is missing or a non-null column holds nulls.
    """
    if isinstance(table, pa.RecordBatch):
        table = pa.Table.from_batches([table])
    missing = [name for name in to.names if name not in table.column_names]
    if missing:
        raise ValueError(f"the result lacks {missing}; it has {table.column_names}")
    columns = []
    for field in to:
        column = table.column(field.name).cast(field.type)
        if not field.nullable and column.null_count:
            raise ValueError(f"column {field.name!r} must not be null")
        columns.append(column)
    return pa.Table.from_arrays(columns, schema=to)
