"""Which family each generator of the labelled sets belongs to: who trained its weights.

A tuned descendant is of the family of its base (tulu of llama), since they write alike.
"""

from __future__ import annotations

import re

#: family -> what the names of its generators begin with or hold; the first that fits counts.
FAMILIES = {
    "claude": ("claude",),
    "gemma": ("gemma",),
    "gemini": ("gemini", "google-palm"),
    "qwen": ("qwen", "qwq", "athene"),
    "mistral": ("mistral", "mixtral", "ministral", "zephyr", "starling", "wizardlm"),
    "llama": ("llama", "tulu", "saiga", "suzume", "swallow", "hermes"),
    "deepseek": ("deepseek",),
    "gpt": (
        "gpt-3.5", "gpt-4", "gpt-5", "gpt-oss", "chatgpt", "o3", "o4-", "text-davinci", "davinci",
        "quasar-alpha", "optimus-alpha",
    ),
}  # fmt: skip


def family(generator: str) -> str:
    """The family, or "other"."""
    name = generator.lower()
    for found, marks in FAMILIES.items():
        if any(re.search(rf"(^|-|_){re.escape(mark)}", name) for mark in marks):
            return found
    return "other"
