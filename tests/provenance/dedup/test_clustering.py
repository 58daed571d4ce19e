"""Clusters of signatures, against every pair compared in plain Python."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.dedup import clustering, signature_tables
from provenance.dedup.clustering import clusters
from provenance.errors import InputError, RequestError

WIDTH = 6
SIGNATURES = st.lists(st.lists(st.integers(0, 2), min_size=WIDTH, max_size=WIDTH), max_size=14)


def table(signatures: Sequence[Sequence[int]], ids: Sequence[Any] | None = None) -> pa.Table:
    values = [np.array(signature, dtype="<u4").tobytes() for signature in signatures]
    return pa.table(
        {
            "doc_id": pa.array(range(len(values)) if ids is None else ids),
            "signature": pa.array(values, pa.large_binary()),
        }
    )


def found(signatures: Any, folder: Path, **options: Any) -> dict[Any, Any]:
    """The cluster of each document, by id."""
    options = {"bands": 3, "rows": 2, **options}
    columns = clusters(signatures, scratch=folder, **options).read_all().to_pydict()
    return dict(zip(columns["doc_id"], columns["cluster_id"], strict=True))


def expected(signatures: list[list[int]], *, threshold: float = 0.0) -> dict[int, int]:
    """Clusters of all pairs that share a band of two values and agree in `threshold` of all."""
    cluster = list(range(len(signatures)))
    for a, b in combinations(range(len(signatures)), 2):
        equal = [x == y for x, y in zip(signatures[a], signatures[b], strict=True)]
        if any(equal[at] and equal[at + 1] for at in (0, 2, 4)) and sum(equal) >= threshold * WIDTH:
            low, high = sorted((cluster[a], cluster[b]))
            cluster = [low if one == high else one for one in cluster]
    return dict(enumerate(cluster))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clusters")


@settings(deadline=None)
@given(SIGNATURES)
def test_clusters_are_those_of_all_pairs_that_share_a_band(folder, signatures) -> None:
    assert found(table(signatures), folder) == expected(signatures)


@settings(deadline=None)
@given(SIGNATURES, st.sampled_from([0.5, 0.7, 1.0]))
def test_a_threshold_keeps_those_that_agree_enough(folder, signatures, threshold) -> None:
    got = found(table(signatures), folder, threshold=threshold, bucket_heads=99)

    assert got == expected(signatures, threshold=threshold)


@settings(deadline=None, max_examples=60)
@given(
    SIGNATURES,
    st.randoms(use_true_random=False),
    st.sampled_from([None, 0.5, 0.7]),
    st.integers(1, 5),
    st.sampled_from([1, 2, 64]),
)
def test_order_files_batches_and_partitions_change_nothing(
    folder, signatures, draw, threshold, rows_at_once, n_partitions
) -> None:
    options = {"threshold": threshold, "bucket_heads": 1}
    whole = table(signatures)
    order = draw.sample(range(len(whole)), len(whole))
    cut = draw.randrange(len(whole) + 1)
    paths = [folder / "first", folder / "second"]
    for path, rows in zip(paths, (order[:cut], order[cut:]), strict=True):
        pq.write_table(whole.take(pa.array(rows, pa.int64())), path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signature_tables, "ROWS_AT_ONCE", rows_at_once)
        patch.setattr(clustering, "_ROWS_SORTED", rows_at_once)
        patch.setattr(clustering, "partition_count", lambda *_, **__: n_partitions)

        assert found(paths, folder, **options) == found(whole, folder, **options)


def test_documents_stay_in_the_order_given(folder: Path) -> None:
    same = [[1] * WIDTH] * 3

    result = clusters(table(same, [7, 9, 5]), scratch=folder, bands=3, rows=2).read_all()

    assert result.to_pydict() == {"doc_id": [7, 9, 5], "cluster_id": [5, 5, 5]}


@pytest.mark.parametrize(
    "ids",
    [["b", "a"], [b"\xff" * 16, b"\x00" * 16], [2**62, -1]],
    ids=["strings", "bytes", "integers"],
)
def test_ids_may_be_of_any_type_that_sorts(folder: Path, ids: list[Any]) -> None:
    assert found(table([[1] * WIDTH] * 2, ids), folder) == {ids[0]: ids[1], ids[1]: ids[1]}


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.binary(4 * WIDTH)], ids=str)
def test_signatures_may_be_of_any_binary_type(folder: Path, kind: pa.DataType) -> None:
    signatures = [[1] * WIDTH, [2] * WIDTH, [1] * WIDTH]
    whole = table(signatures)
    typed = whole.set_column(1, "signature", whole.column(1).cast(kind)).slice(1)

    assert found(typed, folder) == {1: 1, 2: 2}
    assert found(typed.to_reader(), folder) == {1: 1, 2: 2}


def test_batches_without_rows_are_passed_over(folder: Path) -> None:
    whole = table([[1] * WIDTH] * 2)
    empty = pa.RecordBatch.from_pylist([], schema=whole.schema)
    reader = pa.RecordBatchReader.from_batches(whole.schema, [empty, *whole.to_batches(), empty])

    assert found(reader, folder) == {0: 0, 1: 0}


def test_one_file_needs_no_list(tmp_path: Path) -> None:
    pq.write_table(table([[1] * WIDTH] * 2), tmp_path / "signatures.parquet")

    assert found(str(tmp_path / "signatures.parquet"), tmp_path / "new") == {0: 0, 1: 0}


def test_a_text_without_words_is_like_no_other(folder: Path) -> None:
    assert found(table([[2**32 - 1] * WIDTH] * 2), folder) == {0: 0, 1: 1}


def test_nothing_has_no_clusters(folder: Path) -> None:
    assert found(table([]), folder) == found(table([]), folder, threshold=0.5) == {}


def test_the_heads_of_a_bucket_are_those_of_least_id(folder: Path) -> None:
    # All share the first band. 1 and 2 agree in all, but in no more than a third with 0.
    signatures = [[1, 1, 0, 0, 0, 0], [1, 1, 2, 3, 4, 5], [1, 1, 2, 3, 4, 5]]
    options = {"threshold": 0.9, "bands": 1}

    assert found(table(signatures), folder, bucket_heads=1, **options) == {0: 0, 1: 1, 2: 2}
    assert found(table(signatures), folder, bucket_heads=2, **options) == {0: 0, 1: 1, 2: 1}


#: Texts made of the same blocks in another order share shingles in another order.
BLOCKS = [[f"{letter}{at}" for at in range(7)] for letter in "ABCD"]


def shingles(text: str) -> set[tuple[str, ...]]:
    words = text.lower().split()
    return {tuple(words[at : at + 5]) for at in range(max(1, len(words) - 4))}


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.lists(st.sampled_from(BLOCKS), min_size=1, max_size=4), min_size=2, max_size=6),
    st.sampled_from([0.2, 0.5, 1.0]),
)
def test_with_texts_the_shingles_of_their_normal_forms_are_compared(
    folder, blocks, threshold
) -> None:
    texts = [[word for part in parts for word in part] for parts in blocks]
    sets = [shingles(" ".join(words)) for words in texts]
    cluster = list(range(len(texts)))
    for a, b in combinations(range(len(texts)), 2):
        if len(sets[a] & sets[b]) >= threshold * len(sets[a] | sets[b]):
            low, high = sorted((cluster[a], cluster[b]))
            cluster = [low if one == high else one for one in cluster]
    whole = table([[1] * WIDTH] * len(texts))
    whole = whole.append_column(
        "body", pa.array([", ".join(words) for words in texts], pa.string())
    )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signature_tables, "ROWS_AT_ONCE", 2)
        got = found(whole, folder, threshold=threshold, text_column="body", bucket_heads=99)

    assert got == dict(enumerate(cluster))


def test_texts_without_words_are_like_no_other(folder: Path) -> None:
    whole = table([[1] * WIDTH] * 2).append_column("text", pa.array(["", None], pa.string()))

    assert found(whole, folder, threshold=0.1, text_column="text") == {0: 0, 1: 1}


def test_nothing_stays_in_the_scratch_folder(tmp_path: Path) -> None:
    found(table([[1] * WIDTH] * 3), tmp_path, threshold=0.5)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bands": 0, "rows": 0}, "clusters bands: 0 is out of range .*\nclusters rows"),
        ({"threshold": 1.5}, "threshold: 1.5 is out of range"),
        ({"bucket_heads": 0}, "bucket_heads: 0"),
        ({"text_column": "text"}, "text_column: text is out of range .*none without a threshold"),
        ({"bands": 4}, r"bands \* rows is 8 \(accepted: at most 6"),
        ({"memory_limit_bytes": 1000}, "1,000 is too little for 1 documents"),
        ({"id_column": "docid"}, "no column 'docid'; did you mean 'doc_id'"),
    ],
)
def test_what_cannot_be_done_is_said(folder: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        found(table([[1] * WIDTH]), folder, **options)


@pytest.mark.parametrize(
    ("signatures", "message"),
    [
        (pa.array([None], pa.binary()), "a null"),
        (pa.array([b"12345678" * 3, b"1234"]), "several lengths"),
        (pa.array([b"12345"]), "a signature of 5 bytes"),
        (pa.array([b""]), "a signature of 0 bytes"),
    ],
    ids=["null", "lengths", "odd", "empty"],
)
def test_signatures_that_are_none_are_named(folder: Path, signatures, message: str) -> None:
    given_table = pa.table({"doc_id": range(len(signatures)), "signature": signatures})

    with pytest.raises(InputError, match=message):
        found(given_table, folder)


def test_signatures_of_another_length_later_on_are_named(folder: Path) -> None:
    shorter = pa.table({"doc_id": [1], "signature": pa.array([b"12345678"], pa.large_binary())})

    with pytest.raises(InputError, match="2 values, after signatures of 6"):
        found(pa.concat_tables([table([[1] * WIDTH]), shorter]), folder)


def test_a_null_id_is_named(folder: Path) -> None:
    with pytest.raises(InputError, match="column 'doc_id': an id is null"):
        found(table([[1] * WIDTH] * 2, [1, None]), folder)


def test_files_that_do_not_fit_are_named(tmp_path: Path) -> None:
    pq.write_table(table([[1] * WIDTH]), tmp_path / "a")
    pq.write_table(table([[1] * WIDTH], ["x"]), tmp_path / "b")
    (tmp_path / "c").write_text("no Parquet")

    with pytest.raises(InputError, match="b: columns of types"):
        found([tmp_path / "a", tmp_path / "b"], tmp_path)
    with pytest.raises(InputError, match=r"c: .*accepted: a Parquet file"):
        found([tmp_path / "c"], tmp_path)
    with pytest.raises(InputError, match="no files are given"):
        found([], tmp_path)
