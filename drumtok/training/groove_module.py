"""Train a groove network: the differences from training a `DrumLSTM` in `module.py` and `callbacks.py`."""

import math
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader

from drumtok.network.config import GROOVE_FOLDS
from drumtok.network.groove_bins import OFFSET_EDGES, TICKS, VELOCITY_EDGES
from drumtok.network.groove_checkpoint import GrooveCheckpoint, save_groove
from drumtok.pattern import Pattern
from drumtok.training.callbacks import Exporter
from drumtok.training.data.groove_windows import GrooveSongs, GrooveWindows
from drumtok.training.groove_model import GrooveLogits, GrooveNet, ReaderLogits, Scene
from drumtok.training.module import DrumData, LitDrums
from drumtok.training.runs import Run

SPREADS = 6.0, 4.0  # bins that divide the errors of velocity and offset, so that they weigh as much as the likelihood
GROOVE = """
kick   |x-----x---x-----|x-----x---x---x-|
snare  |----x--x-x--x---|----x--x-x--x-xx|
closed |x-x-x-x-x-x-x-x-|x-x-x-x-x-x-x---|
open   |----------------|--------------x-|
"""  # the pattern of samples


def bins_of(batch: Any) -> tuple[Tensor, Tensor]:
    """Return the bins of velocities and of offsets, as in `drumtok.network.groove_bins`.

    Args:
        batch: a `drumtok.training.data.groove_windows.GrooveRows` of tensors, here and below.
    """
    ticks = torch.floor((batch.offset + 0.5) * TICKS + 0.5).long()
    return (batch.velocity - 1) // 2, ticks.clamp(max=TICKS - 1) // 2


def groove_logits(network: GrooveNet, batch: Any) -> GrooveLogits:
    """Return the logits of the hits of a batch, in 32 bits."""
    logits_all = network(Scene(*(getattr(batch, name) for name in Scene._fields)))
    fold_logits = tuple(
        ReaderLogits(conditioning.velocity.float(), conditioning.offset.float())
        for conditioning in logits_all.fold_logits
    )
    conditioning, drawn = logits_all.guess_velocity.float(), logits_all.drawn_velocity.float()
    return GrooveLogits(
        conditioning, logits_all.guess_offset.float(), drawn, logits_all.drawn_offset.float(), fold_logits
    )


def spread_error(logits: Tensor, bins: Tensor) -> Tensor:
    """Return the continuous ranked probability score, (hits,), in bins, which is minimised by the medians."""
    below = torch.softmax(logits, dim=-1).cumsum(dim=-1)
    reached = torch.arange(logits.shape[-1], device=bins.device) >= bins[:, None]
    return ((below - reached.float()) ** 2).sum(dim=-1)


def groove_loss(network: GrooveNet, batch: Any) -> Tensor:
    """Return the nats per hit before and while the hits are played, and the errors of the best guesses."""
    logits_all, (velocity, offset) = groove_logits(network, batch), bins_of(batch)
    if not len(velocity):  # only silence, without a hit to learn from
        return sum((weight.sum() * 0 for weight in network.parameters()), torch.zeros(()))
    loss = cross_entropy(logits_all.drawn_velocity, velocity) + cross_entropy(logits_all.drawn_offset, offset)
    loss = (
        loss + guess_losses(ReaderLogits(logits_all.guess_velocity, logits_all.guess_offset), velocity, offset).mean()
    )
    fold = batch.fold[batch.hits.nonzero(as_tuple=True)[0]]
    for number, conditioning in enumerate(logits_all.fold_logits):
        # the mean over all hits, not only those in training, so that several devices learn the same as one
        learns = (fold != number) * (GROOVE_FOLDS / (GROOVE_FOLDS - 1))
        loss = loss + (learns * guess_losses(conditioning, velocity, offset)).mean()
    return loss


def guess_losses(conditioning: ReaderLogits, velocity: Tensor, offset: Tensor) -> Tensor:
    """Return the losses of a reader, (hits,): the nats of each hit, and the error of its best guess."""
    losses = torch.zeros(len(velocity), device=velocity.device)
    for logits, bins, spread in zip(conditioning, (velocity, offset), SPREADS, strict=True):
        losses = losses + cross_entropy(logits, bins, reduction="none") + spread_error(logits, bins) / spread
    return losses


def medians(logits: Tensor, edges: Any) -> Tensor:
    """Return the medians, (hits,), as `drumtok.network.groove_bins.medians`."""
    likely, bounds = torch.softmax(logits.double(), dim=-1), torch.as_tensor(edges, device=logits.device)
    below = likely.cumsum(dim=-1)
    place = (below < 0.5).sum(dim=-1, keepdim=True).clamp(max=logits.shape[-1] - 1)
    here = likely.gather(1, place)
    into = ((0.5 - below.gather(1, place) + here) / here.clamp(min=1e-12)).clamp(0, 1)
    return (bounds[place] + into * (bounds[place + 1] - bounds[place]))[:, 0]


@torch.no_grad()
def groove_sums(network: GrooveNet, batch: Any) -> Tensor:
    """Sum over the hits of a batch, (4,): bits, errors of velocity, errors in milliseconds, number of hits."""
    logits_all, bins = groove_logits(network, batch), bins_of(batch)
    nats = sum(
        cross_entropy(logits, own, reduction="sum")
        for logits, own in zip((logits_all.drawn_velocity, logits_all.drawn_offset), bins, strict=True)
    )
    loud = torch.abs(medians(logits_all.guess_velocity, VELOCITY_EDGES) - batch.velocity).sum()
    late = (torch.abs(medians(logits_all.guess_offset, OFFSET_EDGES) - batch.offset) * batch.milliseconds).sum()
    return torch.stack(
        [torch.as_tensor(nats).double().cpu() / math.log(2), loud.cpu(), late.cpu(), torch.tensor(float(len(bins[0])))]
    ).double()


class LitGroove(LitDrums):
    """A `GrooveNet` in training."""

    undecayed = ("position.weight", "style.weight", "drum.weight", "place.weight")
    sums = 4

    def network_of(self, model: Any) -> GrooveNet:
        """Return a network for a config."""
        return GrooveNet(model)

    def loss_of(self, batch: Any) -> Tensor:
        """Return the loss of a batch of stretches."""
        return groove_loss(self.network, batch)

    def count_of(self, batch: Any) -> Tensor:
        """Return the number of hits that the loss of a batch averages."""
        return torch.as_tensor(len(batch.velocity), device=batch.velocity.device)

    def sums_of(self, batch: Any) -> Tensor:
        """Return the summands of whole songs in the sums of a validation."""
        return groove_sums(self.kept, batch)

    def figures_of(self, sums: list[float]) -> dict[str, float]:
        """Return bits per hit, by bins, and errors of the medians."""
        bits, loud, late, count = sums
        mean = [value / max(count, 1) for value in (bits, loud, late)]
        return dict(zip(("val_bits", "val_velocity", "val_timing"), mean, strict=True))

    def summary_line(self) -> str:
        """Describe the figures of the last validation in words."""
        bits, loud, late = self.figures.values()
        return f"{bits:.3f} bits per hit; errors: velocity {loud:.2f}, timing {late:.2f} ms"


class GrooveData(DrumData):
    """The stretches of the played training songs, and the whole played validation songs without fills."""

    def __init__(self, run: Run) -> None:
        super(DrumData, self).__init__()
        own = self._config = run.training
        self._styles, self._grid = run.model.styles, run.corpus.grid
        songs: Any = run.corpus.split("train")
        held_out: Any = run.corpus.split("validation")
        # without held-out played songs, the figures only measure how well the songs are memorised
        self._validation = held_out if len(GrooveSongs(held_out, self._styles, self._grid)) else songs
        self.windows: Any = GrooveWindows(
            songs, own.window, own.batch, own.seed, self._styles, own.conditioning, self._grid
        )

    def val_dataloader(self) -> DataLoader:
        """Return the batches of the validation songs."""
        multiple = self.trainer.world_size if self.trainer else 1
        held_out: Any = self._validation
        songs = GrooveSongs(held_out, self._styles, self._grid, multiple)
        return self.loader(songs)


class GrooveExporter(Exporter):
    """Export checkpoints of a groove network in training."""

    def groove(self, module: LitDrums) -> GrooveCheckpoint:
        """Return the validated network."""
        weights = {name: own for name, own in self.weights(module).items() if not name.startswith("fold_readers.")}
        return GrooveCheckpoint(module.network.config, weights, self._grid, self.provenance(module))

    def save(self, module: LitDrums, path: Path) -> None:
        """Write the network."""
        save_groove(self.groove(module), path)

    def sample(self, module: LitDrums, seed: int) -> Pattern:
        """Play the sample groove with the expression of the network."""
        from drumtok.generation.humanise import humanise

        return humanise(Pattern.from_grid(GROOVE, tempo=96), seed=seed, checkpoint=self.groove(module))
