"""Steps of AdamW that can be left and taken up again; the model is a moving mean of the weights.

A step's draws depend on the seed and its number alone, so that a training that was interrupted goes
on from its last checkpoint to the same weights. The learning rate does not fall: the mean of the
weights makes a longer training the continuation of a shorter one.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from detectors.classifier.draws import DrawOptions, Draws
from detectors.classifier.kinds import Progress

_MOMENTS: Final = ("exp_avg", "exp_avg_sq")  # what AdamW remembers of a parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOptions(DrawOptions):
    """How steps are taken.

    averaged_steps: the model is the mean of the weights of about that many last steps.
    checkpoint_every: steps.
    """

    steps: int
    learning_rate: float = 2e-3
    warmup_steps: int = 50
    averaged_steps: int = 400
    weight_decay: float = 0.05
    checkpoint_every: int = 50


class Steps:
    """A training of one network on logits of drawn windows."""

    def __init__(
        self,
        trainee: nn.Module,
        average: nn.Module,
        draws: Draws,
        options: StepOptions,
        *,
        seed: int,
    ) -> None:
        """trainee, average: two networks of one shape, windows [B, T, ...] in, logits [B] out."""
        self.trainee, self.options, self.step = trainee, options, 0
        self._average, self._draws, self._seed = average.eval(), draws, seed
        self._average.load_state_dict(trainee.state_dict())
        self._optimiser = _optimiser(trainee, options)

    def run(
        self,
        checkpoint: Path | None = None,
        *,
        until: int | None = None,
        progress: Progress = lambda: None,
    ) -> nn.Module:
        """The mean network after all steps, or `until` that many. checkpoint: to go on from."""
        if checkpoint is not None and checkpoint.exists():
            self._restore(checkpoint)
        last = self.options.steps if until is None else until
        while self.step < last:
            self._take_step()
            progress()
            if checkpoint is not None and self.step % self.options.checkpoint_every == 0:
                self._keep(checkpoint)
        return self._average

    def _keep(self, checkpoint: Path) -> None:
        moments = {
            f"{kind}.{name}": self._optimiser.state[parameter][kind].numpy()
            for name, parameter in self.trainee.named_parameters()
            for kind in _MOMENTS
        }
        state = {f"state.{n}": v.detach().numpy() for n, v in self.trainee.named_parameters()}
        average = {f"average.{n}": v.detach().numpy() for n, v in self._average.named_parameters()}
        unfinished = checkpoint.with_suffix(".unfinished")
        with unfinished.open("wb") as file:
            np.savez(
                file,
                **moments,
                **state,
                **average,
                step=np.array(self.step),
                scores=self._draws.scores,
                weights=self._draws.weights,
            )
        unfinished.replace(checkpoint)

    @torch.no_grad()
    def _restore(self, checkpoint: Path) -> None:
        with np.load(checkpoint, allow_pickle=False) as kept:
            self.step = int(kept["step"])
            self._draws.scores, self._draws.weights = kept["scores"], kept["weights"]
            for kind, network in (("state", self.trainee), ("average", self._average)):
                for name, parameter in network.named_parameters():
                    parameter.copy_(torch.from_numpy(kept[f"{kind}.{name}"]))
            for name, parameter in self.trainee.named_parameters():
                self._optimiser.state[parameter] = {
                    "step": torch.tensor(float(self.step)),
                    **{kind: torch.from_numpy(kept[f"{kind}.{name}"]) for kind in _MOMENTS},
                }

    @torch.no_grad()
    def _follow(self) -> None:
        # Of the first steps the plain mean: the weights at the beginning must not linger in it.
        share = 1 / min(self.options.averaged_steps, 1 + self.step)
        pairs = zip(self._average.parameters(), self.trainee.parameters(), strict=True)
        for average, parameter in pairs:
            average.lerp_(parameter, share)

    def _take_step(self) -> None:
        options = self.options
        torch.manual_seed(self._seed * 1_000_003 + self.step)
        for group in self._optimiser.param_groups:
            group["lr"] = options.learning_rate * warmup(self.step, options)
        places, rows, is_ai = self._draws.batch(self.step)
        self.trainee.train()
        with torch.autocast("cpu", torch.bfloat16):
            logits = self.trainee(torch.from_numpy(rows)).float()
        loss = functional.binary_cross_entropy_with_logits(logits, torch.from_numpy(is_ai).float())
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.trainee.parameters(), 1.0)
        self._optimiser.step()
        self._draws.scores[places] = logits.detach().numpy()
        self._follow()
        self.step += 1
        if self.step % options.hard_every == 0:
            self._draws.find_hard()


def warmup(step: int, options: StepOptions) -> float:
    """Share of the learning rate at a step: it rises in a line, and stays."""
    return min(1.0, (step + 1) / (options.warmup_steps + 1))


def _optimiser(trainee: nn.Module, options: StepOptions) -> torch.optim.AdamW:
    decayed = [p for p in trainee.parameters() if p.ndim > 1]
    others = [p for p in trainee.parameters() if p.ndim <= 1]
    return torch.optim.AdamW(
        [
            {"params": decayed, "weight_decay": options.weight_decay},
            {"params": others, "weight_decay": 0.0},
        ],
        lr=options.learning_rate,
        betas=(0.9, 0.98),
        fused=True,
    )
