"""Token statistics on one core or a GPU, against the usual recipe and the forward pass alone.

    python benchmarks/speed/language_model.py smollm2-135m
    python benchmarks/speed/language_model.py smollm2-135m --device cuda --texts 1000

naive: one text at a time in float32, logits of the whole text, log_softmax, softmax and square of
all of them, ranks by sorting, as the published code of Fast-DetectGPT and Binoculars does.
bare: transformers' own forward pass, logits included, over our batches in our dtype; nothing is
read from it. First, our float32 statistics must equal the naive ones on every text.

Rounds interleave; each figure is the least time of its rounds, model loading left out: CPU time,
or on a GPU wall time, all its work done.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import measure
import numpy as np
import pyarrow.parquet as pq
import torch

from detectors.language_model import LanguageModel
from detectors.model_files import LanguageModelError
from detectors.reading import Ids

ROUNDS = 3
#: float32 against float32: the largest difference of a document's mean, nats.
TOLERANCE = 1e-4


def sample_texts(n: int) -> list[str]:
    """Human and machine texts of about 200 tokens, as they stand in the shared data."""
    path = measure.data_folder() / "detection" / "fast_detect_gpt.parquet"
    return [row["text"] for row in pq.read_table(path).to_pylist()[:n]]


@torch.inference_mode()
def naive(model: LanguageModel, ids: list[Ids]) -> list[dict[str, float]]:
    """Document means by the usual recipe."""
    return [_naive(model, one) for one in ids]


def _naive(model: LanguageModel, ids: Ids) -> dict[str, float]:
    batch = torch.from_numpy(ids)[None].to(model.device)
    logits = model._model(input_ids=batch).logits[:, :-1].float()
    targets = batch[:, 1:, None]
    log_p, p = torch.log_softmax(logits, -1), torch.softmax(logits, -1)
    log_likelihood = log_p.gather(-1, targets)[0, :, 0]
    mean = (p * log_p).sum(-1)[0]
    order = logits.argsort(-1, descending=True)
    ranks = (order == targets).nonzero()[:, -1] + 1
    return {
        "log_likelihood": log_likelihood.mean().item(),
        "entropy": -mean.mean().item(),
        "top1": log_p.amax(-1).mean().item(),
        "variance": ((p * log_p.square()).sum(-1)[0] - mean.square()).mean().item(),
        "log_rank": ranks.double().log().mean().item(),
    }


def ours(model: LanguageModel, ids: list[Ids]) -> list[dict[str, float]]:
    return [
        {
            **{
                name: float(getattr(one, name).mean(dtype=np.float64))
                for name in ("log_likelihood", "entropy", "top1", "variance")
            },
            "log_rank": float(np.log(one.rank).mean()),
        }
        for one in model.statistics_of_ids(ids)
    ]


@torch.inference_mode()
def bare(model: LanguageModel, ids: list[Ids]) -> None:
    for batch in model.plan(ids):
        rows = [torch.from_numpy(ids[i][w.start : w.stop]) for i, w in batch.jobs]
        padded = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True).to(model.device)
        model._model(input_ids=padded, use_cache=False)


def largest_difference(a: list[dict[str, float]], b: list[dict[str, float]]) -> dict[str, float]:
    return {k: max(abs(x[k] - y[k]) for x, y in zip(a, b, strict=True)) for k in a[0]}


def clock(device: torch.device) -> float:
    """Seconds of CPU time; on a GPU, of wall time once its work is done."""
    if device.type == "cpu":
        return time.process_time()
    torch.cuda.synchronize(device)
    return time.perf_counter()


def tokens_per_second(
    work: dict[str, Callable[[], Any]], n_tokens: int, device: torch.device
) -> dict[str, float]:
    """Name -> tokens per second, the best of interleaved rounds."""
    best = dict.fromkeys(work, float("inf"))
    for _ in range(ROUNDS):
        for name, call in work.items():
            start = clock(device)
            call()
            best[name] = min(best[name], clock(device) - start)
    return {name: n_tokens / seconds for name, seconds in best.items()}


def _name(device: torch.device) -> str:
    return "cpu" if device.type == "cpu" else str(torch.cuda.get_device_name(device))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("model")
    parser.add_argument("--texts", type=int, default=10)
    parser.add_argument("--device", default="cpu", help="cpu, cuda or cuda:N")
    given = parser.parse_args()
    torch.set_num_threads(1)
    try:
        exact = LanguageModel.load(given.model, dtype="float32", device=given.device)
        fast = LanguageModel.load(given.model, device=given.device)
    except LanguageModelError as error:
        raise SystemExit(str(error)) from error
    ids = exact.encode(sample_texts(given.texts))
    difference = largest_difference(ours(exact, ids), naive(exact, ids))
    if max(difference.values()) > TOLERANCE:
        raise SystemExit(f"statistics differ from the naive ones: {difference}")
    rounding = largest_difference(ours(fast, ids), naive(exact, ids))
    speed = tokens_per_second(
        {
            "ours": lambda: fast.statistics_of_ids(ids),
            "bare": lambda: bare(fast, ids),
            "naive": lambda: naive(exact, ids),
        },
        sum(map(len, ids)),
        fast.device,
    )
    measure.record(
        "language_model",
        {
            "torch": torch.__version__,
            "model": fast.source.rpartition("/")[2],
            "dtype": fast.dtype,
            "threads": 1,
            "device": _name(fast.device),
            "texts": len(ids),
            "tokens": sum(map(len, ids)),
            **{f"{name}_tokens_per_second": round(value, 1) for name, value in speed.items()},
            "over_naive": round(speed["ours"] / speed["naive"], 3),
            "of_bare": round(speed["ours"] / speed["bare"], 3),
            **{f"float32_difference_{k}": f"{v:.2e}" for k, v in difference.items()},
            **{f"rounding_{k}": f"{v:.2e}" for k, v in rounding.items()},
        },
    )


if __name__ == "__main__":
    main()
