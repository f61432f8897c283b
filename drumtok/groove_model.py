"""`GrooveNet`: a plain `torch.nn.Module` that says how hits are played; `groove_engine.py` is it without torch."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout

from drumtok.config import GrooveConfig
from drumtok.drums import N_DRUMS
from drumtok.model import SongDropout
from drumtok.performance import PAST, PLAYED, POSITIONS, PROFILE, TEMPI, TEMPO_FEATURES
from drumtok.recall import HATS, RECALLED, SOFT, TRACES
from drumtok.touchbins import OFFSET_BINS, VELOCITY_BINS


class Scene(NamedTuple):
    """Stretches of songs, as `drumtok.groove_windows` makes them: what a network is shown.

    What fills a shorter one up is silence, which the reading from the end hears as such.

    Attributes:
        hits: (batch, steps, 9).
        position: (batch, steps).
        tempo: (batch, 325), `drumtok.performance.tempo_features`.
        profile: (batch, 153), `drumtok.performance.Performance.profile`.
        style: (batch,) number in the network's styles from 1, 0 where it is not told.
        played: (batch, steps, 27), `drumtok.performance.played_as`.
        past: (batch, steps, 81), `drumtok.performance.Performance.past`.
        recalled: (hits, 21), `drumtok.recall.Recall.recalled`, in order of `hits.nonzero()`.
    """

    hits: Tensor
    position: Tensor
    tempo: Tensor
    profile: Tensor
    style: Tensor
    played: Tensor
    past: Tensor
    recalled: Tensor


class Said(NamedTuple):
    """Logits of the bins of each hit, in order of `Scene.hits.nonzero()`.

    Attributes:
        told_velocity, told_offset: (hits, 64), (hits, 60), from the hits alone.
        drawn_velocity, drawn_offset: the same, knowing how all hits before are played, and the offset the velocity.
    """

    told_velocity: Tensor
    told_offset: Tensor
    drawn_velocity: Tensor
    drawn_offset: Tensor


class GrooveNet(nn.Module):
    """An encoder of hits in both directions, and a decoder that follows in order how they are played."""

    def __init__(self, config: GrooveConfig) -> None:
        super().__init__()
        self.config = config
        self.window = nn.Linear((2 * config.reach + 1) * N_DRUMS, config.width)
        self.position = nn.Embedding(POSITIONS, config.width)
        self.profile = nn.Linear(PROFILE, config.take)
        self.style = nn.Embedding(len(config.styles) + 1, config.take)
        nn.init.normal_(self.style.weight, std=0.1)
        self.tempo = nn.Linear(TEMPO_FEATURES, config.take, bias=False)
        with torch.no_grad():
            self.tempo.weight[:, len(TEMPI) :] = 0  # an exact tempo counts for nothing until it is learned
        self.take = nn.Linear(config.take, config.width)
        self.encoder = nn.LSTM(config.width, config.hidden, batch_first=True, bidirectional=True)
        self.decoder = nn.LSTM(config.encoded + PAST, config.decoder, batch_first=True)
        self.told = _heads(config.encoded, config.mixing)
        self.drawn = _heads(config.encoded + config.decoder + PAST, config.mixing)
        self.drawn["step"] = nn.Linear(PLAYED, config.mixing, bias=False)  # how lower drums are played at the same step
        self.drawn["own"] = nn.Linear(1, config.mixing, bias=False)  # the hit's own velocity
        self.drawn["recall"] = nn.Linear(RECALLED + SOFT, config.mixing, bias=False)
        self.drawn["again_velocity"] = nn.Linear(SOFT // 2, VELOCITY_BINS, bias=False)
        self.drawn["again_offset"] = nn.Linear(SOFT // 2, OFFSET_BINS, bias=False)
        self.drawn["late"] = nn.Linear(config.mixing, config.mixing)
        self.drop = SongDropout(config.dropout)

    def forward(self, scene: Scene) -> Said:
        """The logits of all hits."""
        batch, step, drum = scene.hits.nonzero(as_tuple=True)
        encoded = self.encode(scene)  # (batch, steps, encoded)
        told = torch.relu(self.told["mix"](encoded)[batch, step] + self.told["drum"](drum))
        told = self._dropped(told)  # (hits, mixing)
        followed, _ = self.decoder(torch.cat([encoded, scene.past], dim=-1))
        known = torch.cat([encoded, self.drop(followed), scene.past], dim=-1)
        at_hits = scene.played[batch, step].unflatten(1, (3, N_DRUMS))  # (hits, 3, 9)
        lower = at_hits * (torch.arange(N_DRUMS, device=drum.device) < drum[:, None])[:, None]
        mixed = self.drawn["mix"](known)[batch, step] + self.drawn["drum"](drum) + self.drawn["step"](lower.flatten(1))
        loud_again, late_again = soft_bins(scene.recalled)
        mixed = mixed + self.drawn["recall"](torch.cat([scene.recalled, loud_again, late_again], dim=-1))
        heard = self._dropped(torch.relu(mixed))
        own = at_hits[:, 1].gather(1, drum[:, None])
        late = self._dropped(torch.relu(mixed + self.drawn["late"](heard) + self.drawn["own"](own)))
        return Said(
            self.told["velocity"](told),
            self.told["offset"](told),
            self.drawn["velocity"](heard) + self.drawn["again_velocity"](loud_again),
            self.drawn["offset"](late) + self.drawn["again_offset"](late_again),
        )

    def encode(self, scene: Scene) -> Tensor:
        """(batch, steps, `config.encoded`) what each step is among its neighbours."""
        reach = self.config.reach
        padded = nn.functional.pad(scene.hits, (0, 0, reach, reach))
        window = padded.unfold(1, 2 * reach + 1, 1).flatten(2)  # (batch, steps, 9 * (2 * reach + 1))
        take = torch.relu(self.profile(scene.profile) + self.style(scene.style) + self.tempo(scene.tempo))
        take = self._dropped(take)[:, None]  # (batch, 1, take)
        x = torch.relu(self.window(window) + self.position(scene.position) + self.take(take))
        x = dropout(x, self.config.dropout / 2, self.training)
        read, _ = self.encoder(x)
        return torch.cat([self.drop(read), x, take.expand(-1, x.shape[1], -1)], dim=-1)

    def _dropped(self, x: Tensor) -> Tensor:
        return dropout(x, self.config.dropout, self.training)


def soft_bins(recalled: Tensor) -> tuple[Tensor, Tensor]:
    """(hits, 75) each, as `drumtok.recall.soft_bins` gives them."""
    own = recalled[:, :-1].unflatten(1, (len(TRACES), 4))
    bins, known = torch.arange(HATS, device=own.device), own[:, :, 3:] > 0
    places = (own[:, :, 0] * 64 + 63) / 126, own[:, :, 1] / 4 + 0.5
    soft = [torch.relu(1 - torch.abs(place[..., None] * (HATS - 1) - bins)) * known for place in places]
    return soft[0].flatten(1), soft[1].flatten(1)


def _heads(size: int, mixing: int) -> nn.ModuleDict:
    """From what is known of a step to the logits of one of its hits."""
    return nn.ModuleDict(
        {
            "mix": nn.Linear(size, mixing),
            "drum": nn.Embedding(N_DRUMS, mixing),
            "velocity": nn.Linear(mixing, VELOCITY_BINS),
            "offset": nn.Linear(mixing, OFFSET_BINS),
        }
    )
