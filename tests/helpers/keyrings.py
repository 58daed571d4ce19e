"""A keyring on disk whose tokenizer has one token per word: ids and texts are the same thing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tokenizers import Tokenizer, models, pre_tokenizers

VOCAB_SIZE = 2000


def write_tokenizer(path: Path, *, vocab_size: int = VOCAB_SIZE) -> None:
    """A tokenizer.json in which the word w17 is token 17."""
    words = {f"w{i}": i for i in range(vocab_size)}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="w0"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    path.parent.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(path))


def write_keyring(folder: Path, watermarks: str, *, tokenizers: str = "{words: words}") -> Path:
    """The path of keyring.yaml in `folder`, beside the tokenizer folder `words`."""
    write_tokenizer(folder / "words" / "tokenizer.json")
    path = folder / "keyring.yaml"
    path.write_text(f"tokenizers: {tokenizers}\nwatermarks:\n{watermarks}\n", encoding="utf-8")
    return path


def text_of(ids: np.ndarray) -> str:
    """The text that the tokenizer reads as `ids`."""
    return " ".join(f"w{i}" for i in ids.tolist())
