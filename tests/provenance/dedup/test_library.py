"""Dedup used alone: any texts, any table, and what datasketch makes of the same recipe."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
import xxhash
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.dedup import clusters, device, sign_documents, signatures
from provenance.dedup.library import TEXTS_AT_ONCE
from provenance.dedup.minhash import EMPTY, Scheme
from provenance.errors import InputError, RequestError
from provenance.text.normal import normal_form


def with_datasketch_alone(text: str, num_perm: int, scheme: Scheme) -> list[int]:
    """The recipe of the documentation: words of the normal form, five at a time, XXH64."""
    words = normal_form(text).split()
    shingles = [" ".join(words[i : i + 5]).encode() for i in range(max(1, len(words) - 4))]
    minhash = MinHash(
        num_perm=num_perm,
        scheme=scheme,
        hashfunc=lambda shingle: xxhash.xxh64_intdigest(shingle) & 0xFFFFFFFF,
    )
    minhash.update_batch(shingles if words else [])
    return minhash.hashvalues.tolist()


TEXTS = st.lists(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
    | st.text(st.sampled_from("日本語ภาษาไทยကြလຂ 한국  e\u0301Öß👩🏽\u200d🚀'.A"), max_size=80),
    max_size=6,
)


@given(TEXTS)
@settings(max_examples=100, deadline=None)
@pytest.mark.parametrize("scheme", ["affine32", "legacy"])
def test_anyone_can_make_the_signatures_with_datasketch_alone(
    scheme: Scheme, texts: list[str]
) -> None:
    expected = [with_datasketch_alone(text, 24, scheme) for text in texts]

    assert signatures(texts, num_perm=24, scheme=scheme).tolist() == expected


@pytest.mark.parametrize("scheme", ["affine32", "legacy"])
def test_torch_has_the_same_bits(
    scheme: Scheme, prose: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ["", *(prose(n, seed=n) for n in (1, 5, 6, 70, 516, 517, 1100)), "  "]
    monkeypatch.setattr(device, "ELEMENTS_AT_ONCE", 3 * device.HASHES_AT_ONCE * 20)

    found = signatures(texts, num_perm=20, scheme=scheme, device="cpu")

    np.testing.assert_array_equal(found, signatures(texts, num_perm=20, scheme=scheme))


@pytest.mark.parametrize(
    ("text", "n_shingles"),
    [
        ("", 0),
        ("...", 0),
        ("one", 1),
        ("One, two; three: four", 1),
        ("one two three four five", 1),
        ("one two three four five six", 2),
        ("日本語", 1),
        ("日本語の文章", 2),
        ("ภาษาไทย", 3),
    ],
)
def test_short_texts_are_one_shingle_and_empty_ones_none(text: str, n_shingles: int) -> None:
    row = sign_documents(pa.table({"doc_id": [7], "text": [text]}), num_perm=4).read_all()

    signature = np.array(with_datasketch_alone(text, 4, "affine32"), "<u4").tobytes()
    assert row.to_pylist() == [{"doc_id": 7, "n_shingles": n_shingles, "signature": signature}]


def test_every_form_of_input_gives_the_same_rows(tmp_path: Path) -> None:
    n = TEXTS_AT_ONCE + 7
    texts = [None if i == 5 else f"text number {i} of these" for i in range(n)]
    table = pa.table({"key": [f"k{i}" for i in range(n)], "body": texts})
    path = tmp_path / "texts.parquet"
    pq.write_table(table, path, row_group_size=500)
    names = {"id_column": "key", "text_column": "body", "num_perm": 16}

    whole = sign_documents(table, **names).read_all()

    for documents in (path, str(path), [path], table.to_reader(), ds.dataset(path)):
        assert sign_documents(documents, **names).read_all().equals(whole)
    packed = b"".join(whole.column("signature").to_pylist())
    matrix = np.frombuffer(packed, "<u4").reshape(n, 16)
    np.testing.assert_array_equal(matrix, signatures(texts, num_perm=16))
    assert (matrix[5] == EMPTY).all()
    assert whole.column("key").equals(table.column("key"))


def test_arrow_strings_of_every_kind_are_taken() -> None:
    texts = ["some words", None, "日本語"]
    expected = signatures(texts, num_perm=8)

    for kind in (pa.string(), pa.large_string()):
        np.testing.assert_array_equal(signatures(pa.array(texts, kind), num_perm=8), expected)
    chunks = pa.chunked_array([texts[:1], texts[1:]])
    np.testing.assert_array_equal(signatures(chunks, num_perm=8), expected)
    assert signatures([], num_perm=8).shape == (0, 8)


def test_copies_in_a_table_share_a_cluster(tmp_path: Path) -> None:
    words = " ".join(f"word{i}" for i in range(300))
    texts = [words, "something else entirely, and long enough", words.upper().replace(" ", ", ")]
    reader = sign_documents(pa.table({"doc_id": ["a", "b", "c"], "text": texts}))

    found = clusters(reader, scratch=tmp_path).read_all()

    assert found.column("cluster_id").to_pylist() == ["a", "b", "a"]


def test_wrong_requests_name_everything_that_is_wrong() -> None:
    with pytest.raises(RequestError) as error:
        signatures(["a"], num_perm=0, scheme="affine23")  # type: ignore[arg-type]

    assert str(error.value) == (
        "num_perm: 0 is out of range (accepted: 1 or more)\n"
        "scheme: no scheme 'affine23'; did you mean 'affine32'? (accepted: affine32 or legacy)"
    )


@pytest.mark.parametrize("name", ["cuda:99", "toaster"])
def test_a_device_that_is_not_there_is_one_clear_error(name: str) -> None:
    with pytest.raises(RequestError, match=f"device: torch has no '{name}' here"):
        signatures(["a"], device=name)


def test_columns_and_texts_of_the_wrong_kind_are_refused() -> None:
    table = pa.table({"doc_id": [1], "text": [5], "texts": ["a"]})
    broken = pa.array([b"\xff"], pa.large_binary()).view(pa.large_string())

    with pytest.raises(InputError, match="no column 'body'"):
        sign_documents(table, text_column="body")
    with pytest.raises(InputError, match="column 'text': holds int64"):
        sign_documents(table).read_all()
    with pytest.raises(InputError, match="a text is no UTF-8"):
        signatures(broken)


def test_the_package_loads_nothing_before_it_is_used() -> None:
    check = (
        "import sys, provenance.dedup as d; assert set(dir(d)) == {*d.__all__};"
        "print([m for m in ('numba', 'pyarrow', 'torch') if m in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
