"""Choose the sounds of the kits that come with drumtok, and write kits/NAME.json.

    python -m benchmarks.sound.choose_kits ONE_SHOTS [KIT | KIT:PIECE ...]

ONE_SHOTS is a folder of real one-shots with an index.csv (file, class, source, original). Each piece of a kit is the
sound of the model, out of `CANDIDATES` drawn ones and then by `STEPS` small changes of the best, with the lowest score:
its mean log-mel distance in decibels to the three most similar real sounds of its class, of those that fit the kit if
there are any, less half of the distance to the three most similar sounds of other classes, so that it is recognised as
its class, and more if its length or brightness is unusual in its class. Toms are one drum
at three pitches. None of the real sounds is stored: a design holds latents and controls alone. With KIT:PIECE, the
other pieces of the kit stay as they are.
"""

import json
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.sound.control_metrics import centroid, length
from benchmarks.sound.real_sounds import RealSounds, distances
from drumtok.rendering.characters import character_of
from drumtok.rendering.kit_design import new_design
from drumtok.rendering.kit_files import design_of
from drumtok.rendering.pieces import PIECE
from drumtok.rendering.voice import Voice
from drumtok.sound.latents import REACH
from drumtok.sound.likeness import log_mel
from drumtok.sound.voices import SoundModel
from drumtok.version import __version__

ROOT = Path(__file__).resolve().parents[2]
CANDIDATES, STEPS, STEP = 24, 12, 0.25
NEAREST, OTHERS = 3, 0.5  # sounds that a distance is the mean of, and the weight of the distance to other classes
USUAL, UNUSUAL = (0.1, 0.9), 5.0  # quantiles of real sounds, and decibels that a feature outside of them costs
# kit -> what its real sounds are named after, in their source or their original name
FITTING = {
    "acoustic": "muldjordkit|open-source-drumkit|pearl|rumpf",
    "jazz": "jazz|snare_brush|el-nacho|drum_sklad",
    "808": "808",
    "909": "909|uzu-drumkit|gogodze",
    "boom-bap": "free-drum|audiophob|hip|mot4i",
    "lo-fi": "lo.?fi|frankensnare|oramics|wooden",
    "techno": "synth-percussion|techno|elec|gogodze",
    "trap": "trap|808|stargate",
}


def fitting_sounds(real: RealSounds, sound_class: str, kit: str) -> NDArray[np.bool_]:
    """Return which sounds are of a class and fit a kit; all of the class where few do."""
    own = real.classes == sound_class
    named = np.array([re.search(FITTING[kit], name) is not None for name in real.names])
    return own & named if (own & named).sum() >= NEAREST else own


@dataclass(frozen=True)
class Score:
    """The score of a sound, the lower the better: two distances, and the cost of what is unusual, in decibels."""

    own: float
    other: float
    unusual: float

    @property
    def total(self) -> float:
        """The score."""
        return self.own - OTHERS * self.other + self.unusual


@dataclass(frozen=True)
class Goal:
    """What a piece is scored by: its class, the real sounds that fit it, and the usual length and brightness."""

    sound_class: str
    fitting: NDArray[np.bool_]
    usual: NDArray[np.float64]

    @classmethod
    def of(cls, real: RealSounds, sound_class: str, kit: str) -> "Goal":
        """Return the goal of a class in a kit."""
        waves = [wave for wave, other in zip(real.waves, real.classes, strict=True) if other == sound_class]
        usual = np.quantile([_features(wave) for wave in waves], USUAL, axis=0)
        return cls(sound_class, fitting_sounds(real, sound_class, kit), usual)

    def score(self, real: RealSounds, wave: NDArray[np.float32]) -> Score:
        """Return the score of a sound."""
        far = distances(real.spectra, log_mel(wave))
        own, other = far[self.fitting], far[real.classes != self.sound_class]
        low, high = self.usual
        outside = int(((_features(wave) < low) | (_features(wave) > high)).sum())
        nearest, nearest_other = (float(np.sort(found)[:NEAREST].mean()) for found in (own, other))
        return Score(nearest, nearest_other, UNUSUAL * outside)


def _features(wave: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.array([length(wave), centroid(wave)])


def choose(model: SoundModel, real: RealSounds, kit: str, number: int, piece: str, voice: Voice) -> tuple[Voice, Score]:
    """Return the best sound of a piece, and its score."""
    rng = np.random.default_rng([number, *piece.encode()])
    goal = Goal.of(real, voice.sound_class, kit)

    def tried(latent: NDArray[np.float64]) -> tuple[Score, NDArray[np.float64]]:
        latent = np.clip(latent, -REACH, REACH).round(3)
        wave = model.render(voice.sound_class, latent.astype(np.float32), voice.controls)
        return goal.score(real, wave), latent

    drawn = (tried(model.sample(voice.sound_class, rng, kit).astype(float)) for _ in range(CANDIDATES))
    best = min(drawn, key=lambda one: one[0].total)
    for step in range(STEPS):
        size = STEP * (1 - step / STEPS)
        found = tried(best[1] + size * rng.standard_normal(len(best[1])))
        best = min(best, found, key=lambda one: one[0].total)
    return replace(voice, latent=tuple(map(float, best[1]))), best[0]


def chosen_pieces(arguments: list[str]) -> dict[str, list[str]]:
    """Return kit -> the pieces to choose, of arguments such as 909 or 909:closed; all of all without any."""
    every = [row.name for row in PIECE.values() if not row.twin]
    chosen: dict[str, list[str]] = {}
    for argument in arguments or list(FITTING):
        kit, _, piece = argument.partition(":")
        chosen.setdefault(kit, []).extend([piece] if piece else every)
    return chosen


def write(kit: str, voices: dict[str, Voice]) -> None:
    """Write the chosen voices of a kit, and those of the toms that they are at other pitches; others stay."""
    design = design_of(kit)
    latents = {name: voices[row.twin or name].latent for name, row in PIECE.items() if (row.twin or name) in voices}
    current = voices | design.voices  # a kit may lack a piece that is new
    changed = {name: replace(current[name], latent=latent, detail="") for name, latent in latents.items()}
    pieces = {name: {"voice": voice.to_json()} for name, voice in (design.voices | changed).items()}
    data = {"drumtok": __version__, "name": kit, "style": kit, "pieces": pieces}
    (ROOT / "kits" / f"{kit}.json").write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Choose and write all kits, or those that are named; print the scores."""
    real, model = RealSounds.read(Path(sys.argv[1])), SoundModel.load()
    for kit, names in chosen_pieces(sys.argv[2:]).items():
        number = list(FITTING).index(kit)
        design = new_design(number, character_of(kit).name, model)
        chosen = {name: choose(model, real, kit, number, name, design.voices[name]) for name in names}
        for name, (_, found) in chosen.items():
            print(
                f"{kit:10} {name:8} own {found.own:5.2f} dB, other {found.other:5.2f} dB, unusual {found.unusual:2.0f}"
            )
        print(f"{kit:10} own {np.mean([found.own for _, found in chosen.values()]):5.2f} dB on average", flush=True)
        write(kit, {name: voice for name, (voice, _) in chosen.items()})


if __name__ == "__main__":
    main()
