"""A GGUF file is the model that it was made of."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny_models
import torch

pytest.importorskip("gguf")
pytest.importorskip("accelerate")

import tiny_gguf

from detectors.classifier.middle import MiddleStates
from detectors.language_model import LanguageModel
from detectors.model_files import LanguageModelError
from detectors.perplexity.perplexity import Perplexity

TEXTS = ["The quick brown fox jumps over the lazy dog.", "Zwölf Boxkämpfer; naïve café?", ""]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> LanguageModel:
    path = tiny_gguf.save(tmp_path_factory.mktemp("gguf") / "tiny.gguf", tiny_models.llama())
    return LanguageModel.load(path, dtype="float32")


def test_a_gguf_file_scores_as_its_safetensors_twin(loaded: LanguageModel, tmp_path: Path) -> None:
    twin = LanguageModel.load(tiny_models.save(tmp_path / "tiny"), dtype="float32")

    assert [one.tolist() for one in loaded.encode(TEXTS)] == [
        one.tolist() for one in twin.encode(TEXTS)
    ]
    for ours, theirs in zip(loaded.statistics(TEXTS), twin.statistics(TEXTS), strict=True):
        torch.testing.assert_close(ours.log_likelihood, theirs.log_likelihood, rtol=0, atol=0)
        assert ours.rank.tolist() == theirs.rank.tolist()


def test_its_fingerprint_names_the_same_weights(loaded: LanguageModel, tmp_path: Path) -> None:
    twin = LanguageModel.load(tiny_models.save(tmp_path / "tiny"), dtype="float32")
    other = tiny_gguf.save(tmp_path / "other.gguf", tiny_models.llama(seed=1))

    assert loaded.fingerprint(Perplexity.spec).weights == twin.digest
    assert LanguageModel.load(other, dtype="float32").digest != twin.digest


def test_its_first_layers_read_as_those_of_its_safetensors_twin(
    loaded: LanguageModel, tmp_path: Path
) -> None:
    ours = MiddleStates.load(loaded.source, layers=(1,))
    twin = MiddleStates.load(tiny_models.save(tmp_path / "tiny"), layers=(1,))
    (ids,) = ours.encode(TEXTS[:1])

    assert ours.digest == twin.digest
    assert ours.means(ids, [len(ids)]).tolist() == twin.means(ids, [len(ids)]).tolist()


def test_a_gguf_file_loads_in_the_dtype_asked_for(loaded: LanguageModel) -> None:
    assert LanguageModel.load(loaded.source, dtype="bfloat16").dtype == "bfloat16"


@pytest.mark.parametrize("kept", [0, 40, -1000], ids=["empty", "header", "cut"])
def test_a_damaged_gguf_file_is_one_clear_error(
    loaded: LanguageModel, kept: int, tmp_path: Path
) -> None:
    path = tmp_path / "damaged.gguf"
    path.write_bytes(Path(loaded.source).read_bytes()[:kept])

    with pytest.raises(LanguageModelError, match=r"damaged\.gguf: no language model"):
        LanguageModel.load(path)
