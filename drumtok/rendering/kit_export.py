"""Write a designed kit as a folder for samplers: 24-bit WAV files, an SFZ, a Hydrogen kit, and its design.

All use the notes of General MIDI. `kit.json` holds the design, which `drumtok kit vary` and `kit morph` read.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np

from drumtok.rendering.bass import bass_note
from drumtok.rendering.characters import character_of
from drumtok.rendering.kit import MAX_VELOCITY
from drumtok.rendering.kit_config import LayersConfig
from drumtok.rendering.kit_design import KitDesign
from drumtok.rendering.kit_files import DESIGN
from drumtok.rendering.kits import HIGHEST, LOWEST, RATE
from drumtok.rendering.model_shots import PEAK, one_shot
from drumtok.rendering.pieces import PIECE, PieceRow
from drumtok.rendering.voice import DECIMALS, Voice
from drumtok.rendering.wav_files import wav_bytes
from drumtok.sound.voices import SoundModel
from drumtok.version import __version__

SFZ, HYDROGEN, LIKE = "kit.sfz", "drumkit.xml", "like.json"
DEPTH = 24
BASS_KEY, GLIDES_FROM = 33, 112  # the note that is recorded, and the velocity from which a note glides
HYDROGEN_FIRST = 36  # the note of Hydrogen's first instrument; the others follow consecutively
XML_NAMESPACE = "http://www.hydrogen-music.org/drumkit"


@dataclass(frozen=True)
class Sample:
    """One WAV file of a piece: the velocities that play it, and its turn among the takes."""

    file: str
    low: int
    high: int
    take: int


def samples_of(piece: str, layers: LayersConfig) -> list[Sample]:
    """Return the WAV files of a piece, the softest layer first."""
    lows = (1, *(top + 1 for top in layers.tops))
    return [
        Sample(f"{piece}-v{layer + 1}-r{take + 1}.wav", lows[layer], top, take)
        for layer, top in enumerate(layers.tops)
        for take in range(layers.takes)
    ]


def write_kit(
    design: KitDesign, folder: Path, name: str, layers: LayersConfig, made: str = "", model: SoundModel | None = None
) -> list[Path]:
    """Fill a folder, such as one of `drumtok.runtime.files.new_folder`, with a kit; return the files.

    Args:
        name: the name of the kit in samplers.
        made: the command that reproduces it.

    Raises:
        OSError: a file cannot be written.
    """
    model = model or SoundModel.load()
    written = []
    for piece, voice in design.voices.items():
        for sample in samples_of(piece, layers):
            wave = one_shot(model, voice, sample.high, sample.take)
            written.append(folder / sample.file)
            written[-1].write_bytes(wav_bytes(wave[:, None], RATE, DEPTH))
    if character_of(design.style).bass:
        written += write_bass(folder)
    texts = {
        SFZ: sfz_text(design, name, layers),
        HYDROGEN: hydrogen_text(design, name, layers),
        DESIGN: json.dumps(description(design, name, layers, made), indent=1) + "\n",
    }
    for file, text in texts.items():
        written.append(folder / file)
        written[-1].write_bytes(text.encode("utf-8", "replace"))  # the name of a folder may not be valid text
    return written


def write_bass(folder: Path) -> list[Path]:
    """Write an 808 bass for samplers, `bass.sfz`: notes choke each other, and hard ones glide up an octave."""
    sounds = {"bass.wav": bass_note(BASS_KEY), "bass-glide.wav": bass_note(BASS_KEY, BASS_KEY + 12)}
    for name, wave in sounds.items():
        (folder / name).write_bytes(wav_bytes(wave[:, None] * np.float32(PEAK), RATE, DEPTH))
    regions = [
        f"<region> sample={name} lovel={low} hivel={high}"
        for name, (low, high) in zip(sounds, ((1, GLIDES_FROM - 1), (GLIDES_FROM, MAX_VELOCITY)), strict=True)
    ]
    keys = f"lokey={LOWEST} hikey={HIGHEST} pitch_keycenter={BASS_KEY}"
    head = f"// 808 bass, by drumtok {__version__}\n<global> {keys} loop_mode=one_shot group=1 off_by=1 off_mode=fast"
    (folder / "bass.sfz").write_text("\n".join((head, *regions)) + "\n", encoding="utf-8", newline="\n")
    return [folder / name for name in (*sounds, "bass.sfz")]


def write_voices(
    voices: list[Voice], folder: Path, about: Mapping[str, Any], made: str = "", model: SoundModel | None = None
) -> None:
    """Write voices as `like-0.wav` and so on, struck at full velocity, and their decays and designs to `like.json`.

    Args:
        about: what else `like.json` holds.
        made: the command that reproduces the files.
    """
    model = model or SoundModel.load()
    rows = []
    for number, voice in enumerate(voices):
        file, decay = f"like-{number}.wav", round(voice.decay(model), DECIMALS)
        (folder / file).write_bytes(wav_bytes(one_shot(model, voice)[:, None], RATE, DEPTH))
        rows.append({"file": file, "decay_seconds": decay, "voice": voice.to_json()})
    data = {"drumtok": __version__, "made": made, **about, "sounds": rows}
    (folder / LIKE).write_bytes((json.dumps(data, indent=1) + "\n").encode("utf-8", "replace"))


def description(design: KitDesign, name: str, layers: LayersConfig, made: str) -> dict[str, Any]:
    """Return the content of `kit.json`."""
    pieces = {}
    for piece, voice in design.voices.items():
        row = PIECE[piece]
        samples = samples_of(piece, layers)
        files = [[s.file for s in samples if s.high == top] for top in layers.tops]
        pieces[piece] = {
            "note": row.note,
            "level": row.level,
            "pan": row.pan,
            "choke": row.choke,
            "tops": list(layers.tops),
            "files": files,
            "voice": voice.to_json(),
        }
    return {"drumtok": __version__, "name": name, "made": made, "style": design.style, "pieces": pieces}


def sfz_text(design: KitDesign, name: str, layers: LayersConfig) -> str:
    """Return an SFZ: a group for each piece and note, a region for each WAV file.

    The gain of a velocity v is (v / 127)^2, the default of SFZ, as in drumtok's own WAV files.
    """
    lines = [f"// {name}, by drumtok {__version__}", "<global> loop_mode=one_shot"]
    for piece in design.voices:
        row = PIECE[piece]
        choke = f" group={row.choke} off_by={row.choke} off_mode=fast" * bool(row.choke)
        for note in (row.note, *row.notes):
            place = f"volume={row.level:g} pan={100 * row.pan:g}"
            lines.append(f"\n// {piece}\n<group> key={note} {place} seq_length={layers.takes}{choke}")
            for s in samples_of(piece, layers):
                lines.append(f"<region> sample={s.file} lovel={s.low} hivel={s.high} seq_position={s.take + 1}")
    return "\n".join(lines) + "\n"


def hydrogen_text(design: KitDesign, name: str, layers: LayersConfig) -> str:
    """Return a Hydrogen kit, in the form that versions from 0.9.7 on read.

    Its instruments are those of the consecutive notes from 36, as Hydrogen numbers them, then those of other notes.
    """
    title = escape("".join(letter if letter.isprintable() else "-" for letter in name))
    instruments = "\n".join(
        _instrument(number, row, note, layers) for number, (row, note) in enumerate(_hydrogen_rows(design))
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<drumkit_info xmlns="{XML_NAMESPACE}">
<name>{title}</name>
<author>drumtok {__version__}</author>
<info>{title}</info>
<license></license>
<image></image>
<imageLicense></imageLicense>
<componentList>
<drumkitComponent><id>0</id><name>Main</name><volume>1</volume></drumkitComponent>
</componentList>
<instrumentList>
{instruments}
</instrumentList>
</drumkit_info>
"""


def _hydrogen_rows(design: KitDesign) -> Iterator[tuple[PieceRow, int]]:
    """Yield the pieces by their notes."""
    by_note = {note: PIECE[piece] for piece in design.voices for note in (PIECE[piece].note, *PIECE[piece].notes)}
    for note in sorted(note for note in by_note if note >= HYDROGEN_FIRST):
        yield by_note[note], note


def _instrument(number: int, row: PieceRow, note: int, layers: LayersConfig) -> str:
    left, right = min(1.0, 1 - row.pan), min(1.0, 1 + row.pan)
    sounds = "\n".join(
        f"<layer><filename>{s.file}</filename><min>{(s.low - 1) / MAX_VELOCITY:.4f}</min>"
        f"<max>{s.high / MAX_VELOCITY:.4f}</max><gain>1</gain><pitch>0</pitch></layer>"
        for s in samples_of(row.name, layers)
    )
    return f"""<instrument>
<id>{number}</id>
<name>{row.name}{f" {note}" if note != row.note else ""}</name>
<volume>{10 ** (row.level / 20):.4f}</volume>
<isMuted>false</isMuted>
<isSoloed>false</isSoloed>
<pan_L>{left:g}</pan_L>
<pan_R>{right:g}</pan_R>
<pitchOffset>0</pitchOffset>
<randomPitchFactor>0</randomPitchFactor>
<gain>1</gain>
<applyVelocity>true</applyVelocity>
<filterActive>false</filterActive>
<filterCutoff>1</filterCutoff>
<filterResonance>0</filterResonance>
<Attack>0</Attack>
<Decay>0</Decay>
<Sustain>1</Sustain>
<Release>1000</Release>
<muteGroup>{row.choke or -1}</muteGroup>
<midiOutChannel>9</midiOutChannel>
<midiOutNote>{note}</midiOutNote>
<isStopNote>false</isStopNote>
<sampleSelectionAlgo>ROUND_ROBIN</sampleSelectionAlgo>
<isHihat>-1</isHihat>
<lower_cc>0</lower_cc>
<higher_cc>127</higher_cc>
<instrumentComponent>
<component_id>0</component_id>
<gain>1</gain>
{sounds}
</instrumentComponent>
</instrument>"""
