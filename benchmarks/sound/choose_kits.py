"""Choose the sounds of the kits that come with drumtok, and write kits/NAME.json.

    python -m benchmarks.sound.choose_kits ONE_SHOTS [KIT ...]

ONE_SHOTS is a folder of real one-shots with an index.csv (file, class, source, original). Each piece of a kit is the
sound of the model, out of `CANDIDATES` drawn ones and then by `STEPS` small changes of the best, with the lowest score:
its mean log-mel distance in decibels to the three most similar real sounds of its class, of those that fit the kit if
there are any, less half of the distance to the three most similar sounds of other classes, so that it is recognised as
its class. Toms are one drum at three pitches. None of the real sounds is stored: a design holds latents and controls
alone.
"""

import json
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.sound.real_sounds import RealSounds, distances
from drumtok.rendering.characters import character_of
from drumtok.rendering.kit_design import Voice, new_design
from drumtok.rendering.pieces import PIECE
from drumtok.sound.latents import REACH
from drumtok.sound.likeness import log_mel
from drumtok.sound.voices import SoundModel
from drumtok.version import __version__

ROOT = Path(__file__).resolve().parents[2]
CANDIDATES, STEPS, STEP = 24, 12, 0.25
NEAREST, OTHERS = 3, 0.5  # sounds that a distance is the mean of, and the weight of the distance to other classes
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
    """The score of a sound, the lower the better, and the two distances that it is made from, in decibels."""

    own: float
    other: float

    @property
    def total(self) -> float:
        """The score."""
        return self.own - OTHERS * self.other


def score(real: RealSounds, wave: NDArray[np.float32], sound_class: str, fitting: NDArray[np.bool_]) -> Score:
    """Return the score of a sound for a class."""
    far = distances(real.spectra, log_mel(wave))
    own, other = far[fitting], far[real.classes != sound_class]
    return Score(*(float(np.sort(found)[:NEAREST].mean()) for found in (own, other)))


def choose(model: SoundModel, real: RealSounds, kit: str, number: int, piece: str, voice: Voice) -> tuple[Voice, Score]:
    """Return the best sound of a piece, and its score."""
    rng = np.random.default_rng([number, *piece.encode()])
    fitting = fitting_sounds(real, voice.sound_class, kit)

    def tried(latent: NDArray[np.float64]) -> tuple[Score, NDArray[np.float64]]:
        latent = np.clip(latent, -REACH, REACH).round(3)
        wave = model.render(voice.sound_class, latent.astype(np.float32), voice.controls)
        return score(real, wave, voice.sound_class, fitting), latent

    drawn = (tried(model.sample(voice.sound_class, rng, kit).astype(float)) for _ in range(CANDIDATES))
    best = min(drawn, key=lambda one: one[0].total)
    for step in range(STEPS):
        size = STEP * (1 - step / STEPS)
        found = tried(best[1] + size * rng.standard_normal(len(best[1])))
        best = min(best, found, key=lambda one: one[0].total)
    return replace(voice, latent=tuple(map(float, best[1]))), best[0]


def main() -> None:
    """Choose and write all kits, or those that are named; print the scores."""
    real = RealSounds.read(Path(sys.argv[1]))
    model = SoundModel.load()
    for number, kit in enumerate(FITTING):
        if sys.argv[2:] and kit not in sys.argv[2:]:
            continue
        design = new_design(number, character_of(kit).name, model)
        chosen = {
            row.name: choose(model, real, kit, number, row.name, design.voices[row.name])
            for row in PIECE.values()
            if not row.twin
        }
        heard = sum(found.own < found.other for _, found in chosen.values())
        own = float(np.mean([found.own for _, found in chosen.values()]))
        other = float(np.mean([found.other for _, found in chosen.values()]))
        print(f"{kit:10} own {own:5.2f} dB, other {other:5.2f} dB, heard as what they are {heard} of {len(chosen)}")
        latents = {name: chosen[row.twin or name][0].latent for name, row in PIECE.items()}
        voices = {name: replace(design.voices[name], latent=latent) for name, latent in latents.items()}
        pieces = {name: {"voice": voice.to_json()} for name, voice in voices.items()}
        data = {"drumtok": __version__, "name": kit, "style": kit, "score": round(own - OTHERS * other, 2)}
        text = json.dumps(data | {"pieces": pieces}, indent=1) + "\n"
        (ROOT / "kits" / f"{kit}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
