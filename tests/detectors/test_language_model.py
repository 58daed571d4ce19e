"""One pass gives what the model's own logits say, for any batch and window; loading is safe."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import tiny_models
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.kernels import reference
from detectors.language_model import (
    LIMIT_CHARACTERS,
    LanguageModel,
    ModelPair,
)
from detectors.model_files import LanguageModelError
from detectors.perplexity.perplexity import Perplexity
from detectors.protocol import TokenStatistics
from detectors.reading import Reading
from detectors.windows import windows

TEXT = "The quick brown fox jumps over the lazy dog; it was, all told, not much of a jump."
TEXTS = [TEXT, "", "a", TEXT * 4, "short one", TEXT[::-1] * 2]
COLUMNS = ("log_likelihood", "rank", "entropy", "top1", "variance")


def expected(model: torch.nn.Module, ids: list[int], first: int) -> list[reference.TokenTwin]:
    """Statistics of ids[first:] from the model's own logits of all of `ids`."""
    with torch.inference_mode():
        logits = model(input_ids=torch.tensor([ids])).logits[0].double().tolist()
    return [reference.token_statistics(logits[i - 1], ids[i]) for i in range(first, len(ids))]


def agree(made: TokenStatistics, twins: list[reference.TokenTwin]) -> None:
    assert made.rank.tolist() == [twin.rank for twin in twins]
    for name in set(COLUMNS) - {"rank"}:
        values = [getattr(twin, name) for twin in twins]
        np.testing.assert_allclose(getattr(made, name), values, rtol=1e-4, atol=1e-4)


def close(a: TokenStatistics, b: TokenStatistics, tolerance: float = 1e-4) -> None:
    for name in COLUMNS:
        np.testing.assert_allclose(getattr(a, name), getattr(b, name), rtol=0, atol=tolerance)


# -- statistics -------------------------------------------------------------------------------


def test_statistics_are_those_of_the_models_own_logits() -> None:
    model = tiny_models.llama()
    made = tiny_models.language_model(model).statistics([TEXT])[0]

    agree(made, expected(model, tiny_models.tokenizer()(TEXT)["input_ids"], 1))
    assert made.n_distinct == len(set(TEXT.encode()))


def test_with_a_bos_token_the_first_token_is_predicted_too() -> None:
    model = tiny_models.llama()
    made = tiny_models.language_model(model, adds_bos=True).statistics([TEXT])[0]

    agree(made, expected(model, [256, *tiny_models.tokenizer()(TEXT)["input_ids"]], 1))


@pytest.mark.parametrize("adds_bos", [False, True])
def test_every_window_reads_its_own_context(adds_bos: bool) -> None:
    model, reading = tiny_models.llama(), Reading(width=30, overlap=10)
    scorer = tiny_models.language_model(model, adds_bos=adds_bos, reading=reading)
    bos = [256] if adds_bos else []
    ids = tiny_models.tokenizer()(TEXT)["input_ids"]

    made = scorer.statistics([TEXT])[0]

    twins = [
        twin
        for w in windows(len(ids), width=30, overlap=10, first=0 if adds_bos else 1)
        for twin in expected(model, bos + ids[w.start : w.stop], w.first - w.start + len(bos))
    ]
    agree(made, twins)


@settings(max_examples=15, deadline=None)
@given(order=st.permutations(range(len(TEXTS))), budget=st.sampled_from([1, 64, 300, 4096]))
def test_neighbours_order_and_budget_change_nothing(order: list[int], budget: int) -> None:
    alone = tiny_models.language_model(reading=Reading(batch_tokens=1))
    crowd = tiny_models.language_model(reading=Reading(batch_tokens=budget))

    made = crowd.statistics([TEXTS[i] for i in order])

    for i, statistics in zip(order, made, strict=True):
        close(statistics, alone.statistics([TEXTS[i]])[0])


def test_one_window_at_a_time_is_the_same_bit_for_bit() -> None:
    scorer = tiny_models.language_model(
        tiny_models.llama(dtype=torch.bfloat16), reading=Reading(batch_tokens=1)
    )

    made = scorer.statistics(TEXTS)

    for text, statistics in zip(TEXTS, made, strict=True):
        close(statistics, scorer.statistics([text])[0], tolerance=0)


def test_bfloat16_scores_stay_within_the_stated_tolerance_in_any_batch() -> None:
    model = tiny_models.llama(dtype=torch.bfloat16)
    alone = tiny_models.language_model(model, reading=Reading(batch_tokens=1))
    crowd = tiny_models.language_model(model, reading=Reading(batch_tokens=4096))

    for a, b in zip(alone.statistics(TEXTS), crowd.statistics(TEXTS), strict=True):
        if len(a.rank) >= 50:
            assert abs(a.log_likelihood.mean() - b.log_likelihood.mean()) < 1e-2


def test_a_text_without_context_has_no_statistics() -> None:
    made = tiny_models.language_model().statistics(["", "a", "\u200b"])

    assert [len(one.rank) for one in made] == [0, 0, 0]
    assert tiny_models.language_model().statistics([]) == []


def test_what_looks_like_a_special_token_is_text() -> None:
    ids = tiny_models.language_model().encode(["<s>"])[0]

    assert ids.tolist() == tiny_models.tokenizer()("<")["input_ids"] + [
        i for c in "s>" for i in tiny_models.tokenizer()(c)["input_ids"]
    ]


def test_a_tokenizer_that_cuts_and_pads_does_neither_here() -> None:
    tokenizer = tiny_models.tokenizer()
    tokenizer.backend_tokenizer.enable_truncation(4)
    tokenizer.backend_tokenizer.enable_padding(length=9)
    scorer = LanguageModel(tiny_models.llama(), tokenizer, reading=Reading(bos=False))

    assert [len(one) for one in scorer.encode([TEXT, "ab"])] == [len(TEXT), 2]


def test_only_the_beginning_of_an_endless_text_is_read() -> None:
    ids = tiny_models.language_model().encode(["a" * (LIMIT_CHARACTERS + 5)])[0]

    assert len(ids) == LIMIT_CHARACTERS


def test_windows_are_no_wider_than_the_positions_of_the_model() -> None:
    scorer = tiny_models.language_model(tiny_models.gpt2(), adds_bos=True)

    made = scorer.statistics([TEXT * 3])[0]

    assert scorer.windowing == (63, 62, (256,))
    assert len(made.rank) == len(TEXT * 3)


def test_no_logits_of_a_whole_batch_ever_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    from detectors.kernels.token_statistics import Head

    sizes: list[int] = []
    plain = Head.logits

    def watched(head: Head, *given: object, **room: torch.Tensor) -> torch.Tensor:
        made = plain(head, *given, **room)
        sizes.append(made.numel())
        return made

    scorer = tiny_models.language_model()
    monkeypatch.setattr("detectors.kernels.token_statistics._BLOCK", {"cpu": (16, 64)})
    monkeypatch.setattr(Head, "logits", watched)

    scorer.statistics(TEXTS)

    assert max(sizes) == 16 * 64


# -- pairs ------------------------------------------------------------------------------------


def test_a_pair_takes_moments_under_the_sampling_model() -> None:
    one, two = tiny_models.llama(seed=1), tiny_models.llama(seed=2)
    ids = tiny_models.tokenizer()(TEXT)["input_ids"]
    pair = ModelPair(
        sampling=tiny_models.language_model(one), scoring=tiny_models.language_model(two)
    )

    made = pair.statistics([TEXT])[0]

    with torch.inference_mode():
        logits = [m(input_ids=torch.tensor([ids])).logits[0].double().tolist() for m in (one, two)]
    for i, (q, p) in enumerate(itertools.islice(zip(*logits, strict=True), len(ids) - 1)):
        mean, variance = reference.cross_moments(q, p)
        assert made.mean[i] == pytest.approx(mean, abs=1e-4)
        assert made.variance[i] == pytest.approx(variance, rel=1e-4, abs=1e-4)
        assert made.log_likelihood[i] == pytest.approx(
            reference.log_softmax(p)[ids[i + 1]], abs=1e-4
        )


def test_a_pair_of_different_vocabularies_is_refused() -> None:
    other = tiny_models.tokenizer()
    other.add_tokens(["<extra>"])
    one, two = tiny_models.language_model(), LanguageModel(tiny_models.llama(), other)

    with pytest.raises(LanguageModelError, match="tiny and scoring have different vocabularies"):
        ModelPair(sampling=one, scoring=two)


def test_a_pair_that_windows_texts_differently_is_refused() -> None:
    one = tiny_models.language_model(reading=Reading(width=64))

    with pytest.raises(LanguageModelError, match="differ in window"):
        ModelPair(sampling=one, scoring=tiny_models.language_model())


# -- fingerprints -----------------------------------------------------------------------------


def test_a_fingerprint_names_all_that_scores_depend_on() -> None:
    model = tiny_models.language_model(adds_bos=True)

    made = Perplexity(model).fingerprint

    width, overlap, (bos,) = model.windowing
    assert (made.detector, made.version, made.dtype) == ("perplexity", "1", "float32")
    assert (made.weights, made.tokenizer) == (model.digest, model.tokenizer_digest)
    assert (made.bos, made.window) == (str(bos), f"{width} {overlap}")


@pytest.mark.parametrize(
    ("other", "field"),
    [
        (tiny_models.language_model(tiny_models.llama(seed=1)), "weights"),
        (tiny_models.language_model(tiny_models.llama(dtype=torch.bfloat16)), "dtype"),
        (tiny_models.language_model(reading=Reading(width=64)), "window"),
        (tiny_models.language_model(adds_bos=True), "bos"),
    ],
    ids=["weights", "dtype", "window", "bos"],
)
def test_a_model_that_scores_otherwise_has_another_fingerprint(
    other: LanguageModel, field: str
) -> None:
    ours = tiny_models.language_model().fingerprint(Perplexity.spec)

    assert getattr(ours, field) != getattr(other.fingerprint(Perplexity.spec), field)


def test_a_pairs_fingerprint_names_both_models() -> None:
    one = tiny_models.language_model(tiny_models.llama(seed=1))
    two = tiny_models.language_model(tiny_models.llama(seed=2))

    made = ModelPair(sampling=one, scoring=two).fingerprint(Perplexity.spec)

    assert made.weights == f"{one.digest} {two.digest}"


# -- loading ----------------------------------------------------------------------------------


def test_a_folder_of_safetensors_loads_and_scores_as_the_model_saved(tmp_path: Path) -> None:
    folder = tiny_models.save(tmp_path / "tiny")

    made = LanguageModel.load(folder, dtype="float32")

    assert made.dtype == "float32"
    close(made.statistics([TEXT])[0], tiny_models.language_model().statistics([TEXT])[0])
    assert made.digest == tiny_models.language_model().digest
    assert made.digest != tiny_models.language_model(tiny_models.llama(seed=1)).digest


def test_a_tokenizer_that_cuts_texts_reads_them_whole_and_is_named_the_same_before_and_after() -> (
    None
):
    tokenizer = tiny_models.tokenizer()
    tokenizer.backend_tokenizer.enable_truncation(5)
    made = LanguageModel(tiny_models.llama(), tokenizer, reading=Reading(bos=False))

    before = made.tokenizer_digest
    (ids,) = made.encode([TEXT])

    assert len(ids) == len(TEXT)
    again = LanguageModel(tiny_models.llama(), tokenizer, reading=Reading(bos=False))
    assert again.tokenizer_digest == before


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    folder = tiny_models.save(tmp_path / "tiny")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")

    with pytest.raises(LanguageModelError, match=r"only pytorch_model\.bin, pickles that run code"):
        LanguageModel.load(folder)
    with pytest.raises(LanguageModelError, match="pickled weights"):
        LanguageModel.load(folder / "pytorch_model.bin")


@pytest.mark.parametrize("kept", [0, 6, -1000], ids=["empty", "header", "cut"])
def test_damaged_weights_are_one_clear_error(kept: int, tmp_path: Path) -> None:
    folder = tiny_models.save(tmp_path / "tiny")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:kept])

    with pytest.raises(LanguageModelError, match="tiny: no language model"):
        LanguageModel.load(folder)


def hub(folder: Path, monkeypatch: pytest.MonkeyPatch, *, seeds: dict[str, int]) -> None:
    """Where downloads of the hub are kept: someone/tiny, by revision a model of that seed."""
    place = folder / "models--someone--tiny"
    for revision, seed in seeds.items():
        tiny_models.save(place / "snapshots" / revision, seed=seed)
    (place / "refs").mkdir()
    (place / "refs" / "main").write_text(next(iter(seeds)))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(folder))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


def test_a_hub_id_is_read_at_the_revision_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = "0" * 40, "1" * 40
    hub(tmp_path, monkeypatch, seeds={new: 0, old: 1})

    made = {
        revision: LanguageModel.load("someone/tiny", revision=revision, dtype="float32")
        for revision in (None, old)
    }

    assert made[None].digest == tiny_models.language_model().digest
    assert made[old].digest == tiny_models.language_model(tiny_models.llama(seed=1)).digest
    assert (made[None].revision, made[old].revision) == ("", old)


def test_pickled_weights_of_the_hub_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub(tmp_path, monkeypatch, seeds={"0" * 40: 0})
    (weights,) = tmp_path.rglob("model.safetensors")
    weights.rename(weights.with_name("pytorch_model.bin"))

    with pytest.raises(LanguageModelError, match="someone/tiny: no language model"):
        LanguageModel.load("someone/tiny")


def test_a_model_that_brings_its_own_code_is_refused(tmp_path: Path) -> None:
    folder = tiny_models.save(tmp_path / "tiny")
    (folder / "evil.py").write_text("raise SystemExit('ran')")
    config = (folder / "config.json").read_text().replace('"llama"', '"unheard_of"')
    auto = '"auto_map": {"AutoModelForCausalLM": "evil.Model", "AutoConfig": "evil.Config"},'
    (folder / "config.json").write_text(config.replace("{", "{" + auto, 1))

    with pytest.raises(LanguageModelError, match="no language model"):
        LanguageModel.load(folder)


@pytest.mark.parametrize(
    ("source", "message"),
    [("/no/such/folder", "neither a folder"), ("none.gguf", "no such file")],
)
def test_what_is_not_there_is_named(source: str, message: str) -> None:
    with pytest.raises(LanguageModelError, match=message):
        LanguageModel.load(source)


def test_an_unknown_dtype_is_named(tmp_path: Path) -> None:
    with pytest.raises(LanguageModelError, match=r"no dtype 'int4' \(accepted: auto, bfloat16"):
        LanguageModel.load(tiny_models.save(tmp_path / "tiny"), dtype="int4")


def test_a_model_that_changes_its_logits_is_refused() -> None:
    class Scaled(type(tiny_models.llama())):  # type: ignore[misc]
        def forward(self, *args: object, **kwargs: object) -> object:
            made = super().forward(*args, **kwargs)
            made.logits = made.logits / 2
            return made

    scaled = tiny_models.llama()
    scaled.__class__ = Scaled

    with pytest.raises(LanguageModelError, match="does more to its logits"):
        tiny_models.language_model(scaled)


def test_a_bos_token_that_does_not_exist_cannot_be_asked_for() -> None:
    bare = tiny_models.tokenizer()
    bare.bos_token = None

    with pytest.raises(LanguageModelError, match="no BOS token"):
        LanguageModel(tiny_models.llama(), bare, reading=Reading(bos=True))
