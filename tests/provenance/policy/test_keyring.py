"""A keyring is read whole: what it tries, and everything that is wrong with it at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keyrings import write_keyring, write_tokenizer

from provenance.errors import InputError
from provenance.policy.document import LIMIT_BYTES
from provenance.policy.keyring import load_keyring, load_keys

KGW = "  - {name: green, scheme: kgw, tokenizer: words, vocab_size: 2000}"


def problems(path: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        load_keyring(path)
    return [str(problem).removeprefix(str(path)) for problem in caught.value.problems]


def test_every_key_with_every_table_is_one_combination(tmp_path: Path) -> None:
    path = write_keyring(
        tmp_path,
        KGW
        + "\n  - {name: ours, scheme: synthid, tokenizer: words, keys: [1, 2, 3]}"
        + "\n  - {name: one, scheme: synthid, tokenizer: words, keys: [4], tables: [cuda]}"
        + "\n  - {name: list, scheme: unigram, tokenizer: words, vocab_size: 2000, key: 5}"
        + "\n  - {name: exp, scheme: gumbel, tokenizer: words, vocab_size: 2000}",
    )

    assert [str(one) for one in load_keyring(path).combinations] == [
        "kgw green",
        "synthid ours, table cpu",
        "synthid ours, table cuda",
        "synthid one, table cuda",
        "unigram list",
        "gumbel exp",
    ]


def test_the_digest_covers_the_file_and_its_tokenizers(tmp_path: Path) -> None:
    path = write_keyring(tmp_path, KGW)
    first = load_keyring(path).digest

    write_tokenizer(tmp_path / "words" / "tokenizer.json", vocab_size=1999)
    second = load_keyring(path).digest
    path.write_text(path.read_text().replace("green", "red"))
    third = load_keyring(path).digest

    assert len({first, second, third}) == 3


def test_a_keyring_that_changed_since_the_plan_is_refused(tmp_path: Path) -> None:
    path = write_keyring(tmp_path, KGW)

    assert load_keyring(path, digest=load_keyring(path).digest).combinations
    with pytest.raises(InputError, match="has changed since the plan"):
        load_keyring(path, digest="0" * 64)


def test_shapes_are_reported_all_at_once_with_lines_and_near_names(tmp_path: Path) -> None:
    path = write_keyring(
        tmp_path,
        "  - {name: a, scheme: synthidd, tokenizer: words, keys: [1]}\n"
        "  - {name: b, scheme: kgw, tokenizer: words, vocabsize: 3, gamma: 2}\n"
        "  - {name: c, scheme: gumbel, tokenizer: words, vocab_size: 2000, seeding: markllm-ex}\n"
        "  - {name: d, scheme: synthid, tokenizer: words, keys: [one], tables: [mps]}\n"
        "  - 5",
    )

    found = problems(path)

    assert found[0] == (
        ":3: unknown scheme 'synthidd'; did you mean 'synthid'?"
        " (accepted: kgw, unigram, gumbel, synthid)"
    )
    assert found[1] == ":4: watermarks[1] lacks the key 'vocab_size'"
    assert found[2] == ":4: watermarks[1].gamma is 2: it should be less than 1"
    assert found[3].startswith(":4: unknown key 'vocabsize'; did you mean 'vocab_size'?")
    assert found[4].startswith(":5: unknown seeding 'markllm-ex'; did you mean 'markllm-exp'?")
    assert found[5] == ":6: watermarks[3].keys[0] is 'one': it should be a valid integer"
    assert found[6] == ":6: watermarks[3].tables[0] is 'mps': it should be 'cpu' or 'cuda'"
    assert found[7].startswith(":7: watermarks[4] is 5")


def test_what_does_not_fit_together_is_reported_all_at_once(tmp_path: Path) -> None:
    path = write_keyring(
        tmp_path,
        KGW
        + "\n  - {name: green, scheme: unigram, tokenizer: words, vocab_size: 1999}"
        + "\n  - {name: x, scheme: synthid, tokenizer: word, keys: [1]}"
        + "\n  - {name: y, scheme: synthid, tokenizer: words, keys: [1], table_size: 1000}"
        + "\n  - {name: z, scheme: kgw, tokenizer: words, vocab_size: 2000,"
        + " seeding: lm-watermarking/selfhash, context_width: 3}",
        tokenizers="{words: words, lost: nowhere.json}",
    )

    found = problems(path)

    assert found[0].startswith(":1: cannot read")
    assert found[1:] == [
        ":4: 'green' is given twice; first on line 3",
        ":4: 1999 is less than the 2000 tokens of 'words'"
        " (accepted: the size of the generating model's vocabulary)",
        ":5: no tokenizer is called 'word'; did you mean 'words'? (accepted: words, lost)",
        ":6: table_size 1000 is no power of two",
        ":7: the context width of 'lm-watermarking/selfhash' is 4, not 3",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the keyring is empty"),
        (b"tokenizers: {a: &x b}\nwatermarks: [*x]", "anchors and aliases"),
        (b"- 1", "the keyring is"),
        (b"{", "no valid YAML"),
        (b"# a\n\xff\xfe\x00", ":2: not UTF-8"),
        (b"#" * (LIMIT_BYTES + 1), "larger than"),
    ],
)
def test_files_that_are_no_keyring_are_one_clear_error(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "keyring.yaml"
    path.write_bytes(content)

    with pytest.raises(InputError, match=message):
        load_keyring(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"keyring: cannot read '.*none.yaml'"):
        load_keyring(tmp_path / "none.yaml")


def test_a_file_that_is_no_tokenizer_is_named_with_its_line(tmp_path: Path) -> None:
    path = write_keyring(tmp_path, KGW)
    (tmp_path / "words" / "tokenizer.json").write_text("{}")

    assert ":1: " in problems(path)[0]
    assert "holds no tokenizer" in problems(path)[0]


VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5),
        st.sampled_from(["kgw", "synthid", "words", "name", "lm-watermarking/ff-x-1-True"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["name", "scheme", "tokenizer", "keys", "tables", "seeding", "x"]),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    content=st.one_of(
        st.binary(max_size=200),
        st.text(max_size=200).map(str.encode),
        st.tuples(VALUES, VALUES).map(
            lambda pair: json.dumps({"tokenizers": pair[0], "watermarks": pair[1]}).encode()
        ),
        st.lists(VALUES, max_size=3).map(
            lambda some: json.dumps({"tokenizers": {"a": "none"}, "watermarks": some}).encode()
        ),
    )
)
def test_any_bytes_end_in_problems_and_in_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(content)

    with pytest.raises(InputError) as caught:
        load_keyring(path)

    assert caught.value.problems


def fitted(keyring: Path, out: Path, **changed: object) -> None:
    """A file of nulls for every combination of `keyring`, as `keyring fit` writes it."""
    one = {
        "n_texts": 900,
        "mean": 0.4,
        "slope": 0.0,
        "center": 15.0,
        "spread": 1e4,
        "variance": 1.0,
    }
    nulls = [
        {"combination": each.fingerprint, "name": str(each), "languages": {"en": one | changed}}
        for each in load_keys(keyring).combinations
    ]
    out.write_text(json.dumps({"format": "nulls/1", "reference": "plan", "nulls": nulls}))


def name_nulls(keyring: Path) -> None:
    keyring.write_text("nulls: nulls.json\n" + keyring.read_text())


def test_nulls_are_given_to_the_combinations_they_were_fitted_for(tmp_path: Path) -> None:
    path = write_keyring(
        tmp_path, KGW + "\n  - {name: ours, scheme: synthid, tokenizer: words, keys: [1, 2]}"
    )
    name_nulls(path)
    fitted(path, tmp_path / "nulls.json")
    before = load_keyring(path).digest

    renamed = path.read_text().replace("green", "verdant")
    path.write_text(renamed)

    assert [
        one.nulls.languages["en"].mean for one in load_keyring(path).combinations if one.nulls
    ] == [0.4] * 3
    fitted(path, tmp_path / "nulls.json", mean=0.5)
    assert len({before, load_keyring(path).digest}) == 2


def test_a_null_of_another_key_or_tokenizer_is_none(tmp_path: Path) -> None:
    path = write_keyring(tmp_path, KGW)
    name_nulls(path)
    fitted(path, tmp_path / "nulls.json")

    path.write_text(path.read_text().replace("2000}", "2000, key: 3}"))
    other_key = problems(path)
    path.write_text(path.read_text().replace(", key: 3}", "}"))
    write_tokenizer(tmp_path / "words" / "tokenizer.json", vocab_size=1999)
    other_tokenizer = problems(path)

    assert "has no null of 'kgw green' as it is now" in other_key[0]
    assert other_key[0].startswith(":1: ")
    assert other_tokenizer == other_key


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot read"),
        (b"", "holds no nulls"),
        (b"[1]", "holds no nulls"),
        (b'{"format": "nulls/2", "reference": "", "nulls": []}', "'nulls/1'"),
        (b'{"format": "nulls/1", "reference": "", "nulls": [], "x": 1}', "Extra inputs"),
        (b"#" * (16 * 2**20 + 1), "larger than 16 MiB"),
    ],
)
def test_files_that_hold_no_nulls_are_one_clear_error(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    path = write_keyring(tmp_path, KGW)
    name_nulls(path)
    if content is not None:
        (tmp_path / "nulls.json").write_bytes(content)

    (found,) = problems(path)

    assert message in found
    assert "`provenance keyring fit`" in found


@pytest.mark.parametrize(
    "changed",
    [{"n_texts": 49}, {"variance": 0.0}, {"spread": -1.0}, {"mean": "x"}, {"slope": None}],
)
def test_nulls_that_no_fit_could_give_are_refused(
    tmp_path: Path, changed: dict[str, object]
) -> None:
    path = write_keyring(tmp_path, KGW)
    name_nulls(path)
    fitted(path, tmp_path / "nulls.json", **changed)

    assert "holds no nulls" in problems(path)[0]
