"""`GrooveNet`: a plain `torch.nn.Module` that predicts how hits are played; `groove_engine.py` is it without torch."""

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout

from drumtok.drums import N_DRUMS
from drumtok.network.config import GROOVE_FOLDS, GrooveConfig
from drumtok.network.groove_bins import OFFSET_PLACES, VELOCITY_PLACES
from drumtok.network.groove_checkpoint import NEAR, PROB_SCALE, SUMMARY, groove_shapes
from drumtok.network.groove_inputs import TEMPI
from drumtok.network.groove_memory import HATS, TRACES
from drumtok.training.model import SongDropout

Shapes = Mapping[str, tuple[int, ...]]  # of each weight, by name


class Scene(NamedTuple):
    """Stretches of songs, as `drumtok.training.data.groove_windows` makes them: the inputs of a network.

    Shorter stretches are padded with silence at the end.

    Attributes:
        hits: (batch, steps, 9).
        position: (batch, steps).
        tempo: (batch, 325), `drumtok.network.groove_inputs.tempo_features`.
        profile: (batch, 153), `drumtok.network.groove_inputs.Performance.profile`.
        style: (batch,) index in the network's styles from 1, or 0 if unknown.
        played: (batch, steps, 27), `drumtok.network.groove_inputs.played_as`.
        past: (batch, steps, 81), `drumtok.network.groove_inputs.Performance.past`.
        recalled: (hits, 29), `drumtok.network.groove_memory.DrumMemory.recalled`, in order of `hits.nonzero()`.
        fold: (batch,) the fold of each song, 0 or 1; only used in training.
    """

    hits: Tensor
    position: Tensor
    tempo: Tensor
    profile: Tensor
    style: Tensor
    played: Tensor
    past: Tensor
    recalled: Tensor
    fold: Tensor


class ReaderLogits(NamedTuple):
    """Logits of the bins of each hit, only from the hits, in order of `Scene.hits.nonzero()`.

    Attributes:
        velocity, offset: (hits, 64), (hits, 60).
    """

    velocity: Tensor
    offset: Tensor


class GrooveLogits(NamedTuple):
    """The logits of each hit, in order of `Scene.hits.nonzero()`.

    Attributes:
        guess_velocity, guess_offset: (hits, 64), (hits, 60), only from the hits.
        drawn_velocity, drawn_offset: the same given how all previous hits are played; the offset also given the
            velocity.
        fold_logits: in training the logits of the reader of each fold for all hits; else empty.
    """

    guess_velocity: Tensor
    guess_offset: Tensor
    drawn_velocity: Tensor
    drawn_offset: Tensor
    fold_logits: tuple[ReaderLogits, ...] = ()


class Reader(nn.Module):
    """Read all hits in both directions, and predict how each is played."""

    def __init__(self, config: GrooveConfig) -> None:
        super().__init__()
        self._config, shapes = config, groove_shapes(config)
        self.window = _linear(shapes, "reader.window")
        self.position = _embedding(shapes, "reader.position")
        self.profile = _linear(shapes, "reader.profile")
        self.style = _embedding(shapes, "reader.style")
        nn.init.normal_(self.style.weight, std=0.1)
        self.tempo = _linear(shapes, "reader.tempo")
        with torch.no_grad():
            self.tempo.weight[:, len(TEMPI) :] = 0  # exact tempi have no effect until they are learned
        self.take = _linear(shapes, "reader.take")
        self.encoder = _lstm(shapes, "reader.encoder")
        self.told = _heads(shapes, "reader.told")  # the name of these weights in checkpoint files
        self.drop = SongDropout(config.dropout)

    def forward(self, scene: Scene) -> ReaderLogits:
        """Return the logits of all hits."""
        batch, step, drum = scene.hits.nonzero(as_tuple=True)
        mixed = torch.relu(self.told["mix"](self._encode(scene))[batch, step] + self.told["drum"](drum))
        mixed = dropout(mixed, self._config.dropout, self.training)  # (hits, mixing)
        return ReaderLogits(self.told["velocity"](mixed), self.told["offset"](mixed))

    def _encode(self, scene: Scene) -> Tensor:
        """Encode each step with its neighbours: (batch, steps, `config.encoded`)."""
        dropped, window = self._config.dropout, _around(scene.hits, self._config.reach)
        take = torch.relu(self.profile(scene.profile) + self.style(scene.style) + self.tempo(scene.tempo))
        take = dropout(take, dropped, self.training)[:, None]  # (batch, 1, take)
        x = torch.relu(self.window(window) + self.position(scene.position) + self.take(take))
        x = dropout(x, dropped / 2, self.training)
        read, _ = self.encoder(x)
        return torch.cat([self.drop(read), x, take.expand(-1, x.shape[1], -1)], dim=-1)


class GrooveNet(nn.Module):
    """A reader of hits, and a decoder that steps through how they are played.

    The decoder reads the predictions of the reader, and how the previous hits were played. But a reader memorises the
    songs that it was trained on: a decoder that learns from its predictions for these trusts it too much in a new song,
    and returns to them after every hit, so that all performances of a song are alike. So training uses additional
    readers, each not trained on the songs of one fold, and for each song the decoder reads the predictions of the
    reader that has not seen it.
    """

    def __init__(self, config: GrooveConfig) -> None:
        super().__init__()
        shapes = groove_shapes(config)
        self.reader = Reader(config)
        self.fold_readers = nn.ModuleList([Reader(config) for _ in range(GROOVE_FOLDS)])
        self.place = _embedding(shapes, "place")
        self.decoder = _lstm(shapes, "decoder")
        self.drawn = _heads(shapes, "drawn")
        for name in ("told", "step", "own", "recall", "again_velocity", "again_offset", "late"):
            self.drawn[name] = _linear(shapes, f"drawn.{name}")
        self.drop = SongDropout(config.dropout)
        self.config = config

    def forward(self, scene: Scene) -> GrooveLogits:
        """Return the logits of all hits."""
        batch, step, drum = scene.hits.nonzero(as_tuple=True)
        from_reader = self.reader(scene)
        fold_logits = tuple(reader(scene) for reader in self.fold_readers) if self.training else ()
        known = _by_fold(fold_logits, scene.fold[batch]) if fold_logits else from_reader
        likely = ReaderLogits(*(torch.log_softmax(logits.detach().float(), dim=-1) for logits in known))
        shown = self.shown(scene, likely)
        followed, _ = self.decoder(torch.cat([shown, scene.past], dim=-1))
        decoder_inputs = torch.cat([shown, self.drop(followed), scene.past], dim=-1)
        at_hits = scene.played[batch, step].unflatten(1, (3, N_DRUMS))  # (hits, 3, 9)
        lower = at_hits * (torch.arange(N_DRUMS, device=drum.device) < drum[:, None])[:, None]
        mixed = self.drawn["mix"](decoder_inputs)[batch, step] + self.drawn["drum"](drum)
        mixed = (
            mixed
            + self.drawn["step"](lower.flatten(1))
            + self.drawn["told"](torch.cat(likely, dim=-1).exp() * PROB_SCALE)
        )
        loud_again, late_again = soft_bins(scene.recalled)
        mixed = mixed + self.drawn["recall"](torch.cat([scene.recalled, loud_again, late_again], dim=-1))
        mixed_hits = self._dropped(torch.relu(mixed))
        own = at_hits[:, 1].gather(1, drum[:, None])
        late = self._dropped(torch.relu(mixed + self.drawn["late"](mixed_hits) + self.drawn["own"](own)))
        return GrooveLogits(
            from_reader.velocity,
            from_reader.offset,
            likely.velocity + self.drawn["velocity"](mixed_hits) + self.drawn["again_velocity"](loud_again),
            likely.offset + self.drawn["offset"](late) + self.drawn["again_offset"](late_again),
            fold_logits,
        )

    def shown(self, scene: Scene, likely: ReaderLogits) -> Tensor:
        """Return the decoder's inputs, (batch, steps, 133): the hits around each step, and their predictions."""
        summary = scene.hits.new_zeros(*scene.hits.shape, SUMMARY)
        summary[scene.hits.nonzero(as_tuple=True)] = moments(likely).to(summary.dtype)  # products come in 16 bits
        own = summary.flatten(2)
        ahead = nn.functional.pad(own, (0, 0, 0, 1))[:, 1:]
        return torch.cat([_around(scene.hits, NEAR), self.place(scene.position), own, ahead], dim=-1)

    def _dropped(self, x: Tensor) -> Tensor:
        return dropout(x, self.config.dropout, self.training)


def moments(likely: ReaderLogits) -> Tensor:
    """Return (hits, 4), as in `drumtok.network.groove_bins.moments`, from log-probabilities."""
    found = []
    for own, places in zip(likely, (VELOCITY_PLACES, OFFSET_PLACES), strict=True):
        where, chance = torch.as_tensor(places, device=own.device), own.exp()
        mean = chance @ where
        found += [mean, (chance @ where**2 - mean**2).clamp(min=0).sqrt()]
    return torch.stack(found, dim=-1)


def soft_bins(recalled: Tensor) -> tuple[Tensor, Tensor]:
    """Return (hits, 105) each, as in `drumtok.network.groove_memory.soft_bins`."""
    own = recalled[:, :-1].unflatten(1, (len(TRACES), 4))
    bins, known = torch.arange(HATS, device=own.device), own[:, :, 3:] > 0
    places = (own[:, :, 0] * 64 + 63) / 126, own[:, :, 1] / 4 + 0.5
    soft = [torch.relu(1 - torch.abs(place[..., None] * (HATS - 1) - bins)) * known for place in places]
    return soft[0].flatten(1), soft[1].flatten(1)


def _around(hits: Tensor, reach: int) -> Tensor:
    """Return (batch, steps, 9 * (2 * reach + 1)): the hits of each step and of `reach` steps on either side."""
    padded = nn.functional.pad(hits, (0, 0, reach, reach))
    return padded.unfold(1, 2 * reach + 1, 1).flatten(2)


def _by_fold(fold_logits: tuple[ReaderLogits, ...], fold: Tensor) -> ReaderLogits:
    """Return for each hit the logits of the reader that is not trained on its song; `fold` is (hits,)."""
    places = torch.arange(len(fold), device=fold.device)
    return ReaderLogits(*(torch.stack(logits)[fold, places] for logits in zip(*fold_logits, strict=True)))


def _heads(shapes: Shapes, name: str) -> nn.ModuleDict:
    """Return the layers from the encoding of a step to the logits of one of its hits."""
    layers = {"mix": _linear, "drum": _embedding, "velocity": _linear, "offset": _linear}
    return nn.ModuleDict({part: layer(shapes, f"{name}.{part}") for part, layer in layers.items()})


def _linear(shapes: Shapes, name: str) -> nn.Linear:
    rows, columns = shapes[f"{name}.weight"]
    return nn.Linear(columns, rows, bias=f"{name}.bias" in shapes)


def _embedding(shapes: Shapes, name: str) -> nn.Embedding:
    rows, width = shapes[f"{name}.weight"]
    return nn.Embedding(rows, width)


def _lstm(shapes: Shapes, name: str) -> nn.LSTM:
    gates, size = shapes[f"{name}.weight_ih_l0"]
    return nn.LSTM(size, gates // 4, batch_first=True, bidirectional=f"{name}.weight_ih_l0_reverse" in shapes)
