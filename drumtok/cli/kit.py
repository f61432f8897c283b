"""`drumtok kit`: make, vary and morph kits with the sound model, and make sounds like an audio file."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from drumtok.cli.shared_options import PATH, seed_option
from drumtok.cli.terminal import note, quiet_option
from drumtok.rendering.kit_config import (
    ControlsConfig,
    LayersConfig,
    LikeKitConfig,
    MorphKitConfig,
    NewKitConfig,
    VaryKitConfig,
)
from drumtok.runtime.options import arguments_of, completing, settings_options

if TYPE_CHECKING:
    from drumtok.rendering.kit_design import KitDesign


def _style_names() -> list[str]:
    from drumtok.rendering.characters import characters

    return [name for character in characters().values() for name in (character.name, *character.styles)]


out_option = click.option("--out", "-o", type=PATH, required=True, help="The folder to write, new or empty.")
STYLES = {"style": completing(_style_names)}


@click.group("kit")
def kit_command() -> None:
    """Make kits of sounds with the sound model.

    A kit is a folder of 24-bit WAV files with velocity layers and round robins, an SFZ (kit.sfz) and a Hydrogen kit
    (drumkit.xml) on the notes of General MIDI, and its design (kit.json). --kit FOLDER plays it.
    """


@kit_command.command("list")
def kit_list() -> None:
    """List the kits of drumtok, and the characters of new kits with the styles that use them."""
    from drumtok.rendering.characters import characters
    from drumtok.rendering.kits import KIT_NAMES, SHIPPED

    for name in KIT_NAMES:
        click.echo(f"{name:14}{'sound model' if name in SHIPPED else 'SoundFont of pretty_midi'}")
    click.echo("\n--style of drumtok kit new:")
    for name, character in characters().items():
        click.echo(f"{name:14}{', '.join(character.styles)}")


@kit_command.command("new", epilog="Example:  drumtok kit new --seed 7 --style trap --out my-kit")
@settings_options(STYLES, config=NewKitConfig, layers=LayersConfig)
@seed_option
@out_option
@quiet_option
def kit_new(config: NewKitConfig, layers: LayersConfig, seed: int | None, out: Path) -> None:
    """Make a new kit."""
    from drumtok.rendering.kit_design import new_design

    seed = _seed(seed)
    made = ("new", *arguments_of(config, layers))
    _write(lambda: new_design(seed, config.style), config, out, layers, made, seed)


@kit_command.command("vary")
@click.argument("kit")
@settings_options(config=VaryKitConfig, layers=LayersConfig)
@seed_option
@out_option
@quiet_option
def kit_vary(config: VaryKitConfig, layers: LayersConfig, kit: str, seed: int | None, out: Path) -> None:
    """Vary KIT: a folder that drumtok kit wrote, seed:NUMBER or the name of a kit."""
    from drumtok.rendering.kit_design import vary_design
    from drumtok.rendering.kit_files import design_of

    seed = _seed(seed)
    made = ("vary", kit, *arguments_of(config, layers))
    _write(lambda: vary_design(design_of(kit), seed, config.amount, config.keep), config, out, layers, made, seed)


@kit_command.command("morph")
@click.argument("first")
@click.argument("second")
@settings_options(config=MorphKitConfig, layers=LayersConfig)
@out_option
@quiet_option
def kit_morph(config: MorphKitConfig, layers: LayersConfig, first: str, second: str, out: Path) -> None:
    """Make a kit between FIRST and SECOND, which are kits as in drumtok kit vary."""
    from drumtok.rendering.kit_design import morph_designs
    from drumtok.rendering.kit_files import design_of

    made = ("morph", first, second, *arguments_of(config, layers))
    _write(lambda: morph_designs(design_of(first), design_of(second), config.amount), config, out, layers, made)


@kit_command.command("like")
@click.argument("sound", type=PATH)
@settings_options(config=LikeKitConfig)
@seed_option
@out_option
@quiet_option
def kit_like(config: LikeKitConfig, sound: Path, seed: int | None, out: Path) -> None:
    """Make sounds like SOUND, an audio file, and write them as 24-bit WAV files.

    The file like-0.wav is the sound as the model reproduces it; the others are variations near it. The command prints
    the class and the decay of the sound, its place on the page's map of this class, how unusual it is there, and the
    pieces of the bundled kits that sound most like it, with their mean difference in decibels. like.json has all of
    this, and the decay, the latent and the controls of each sound.
    """
    from drumtok.rendering.kit_design import design_like
    from drumtok.rendering.kit_export import write_voices
    from drumtok.rendering.neighbours import surroundings
    from drumtok.rendering.wav_files import read_sound
    from drumtok.runtime.files import new_folder
    from drumtok.sound.voices import SoundModel

    seed, model = _seed(seed), SoundModel.load()
    wave, rate = read_sound(sound)
    made = ("drumtok kit like", str(sound), *arguments_of(config), "--seed", str(seed))
    with new_folder(out) as folder:
        sound_class, voices = design_like(
            wave.mean(axis=1), rate, config.count, config.amount, seed, model, config.sound_class
        )
        found = surroundings(model, voices[0])
        write_voices(voices, folder, {"sound": sound.name, "class": sound_class} | found.to_json(), " ".join(made))
    note(f"# seed {seed}, class {sound_class}, decay {voices[0].decay(model):.2f} s")
    place = f"on the map at x {found.x:.2f}, y {found.y:.2f}"
    note(f"# {place}; more unusual than {found.unusual:.0%} of the model's sounds of this class")
    near = [f"{piece} of {kit} ({decibels:.1f} dB)" for decibels, kit, piece in found.neighbours]
    if near:
        note(f"# most like {', '.join(near)}")
    for number in range(len(voices)):
        note(f"# {click.format_filename(out / f'like-{number}.wav')}")


def _seed(seed: int | None) -> int:
    from drumtok.generation.randomness import fresh_seed

    return fresh_seed() if seed is None else seed


def _write(
    design: Callable[[], "KitDesign"],
    config: ControlsConfig,
    out: Path,
    layers: LayersConfig,
    made: tuple[str, ...],
    seed: int | None = None,
) -> None:
    """Write a kit to a new folder and print what was written."""
    from drumtok.rendering.kit_design import with_controls
    from drumtok.rendering.kit_export import write_kit
    from drumtok.runtime.files import new_folder

    arguments = (*made, *(("--seed", str(seed)) if seed is not None else ()))
    name, command = out.resolve().name, " ".join(("drumtok kit", *arguments))
    with new_folder(out) as folder:
        kit = with_controls(design(), config.values())
        files = write_kit(kit, folder, name, layers, command)
    if seed is not None:
        note(f"# seed {seed}")
    _note_nearest_decays(kit, [piece for piece, control, _ in config.values() if control == "decay"])
    note(f"# {click.format_filename(out)}: {len(files)} files")


def _note_nearest_decays(kit: "KitDesign", pieces: list[str]) -> None:
    """Print which pieces have the nearest possible decay instead of the one that was asked for.

    Args:
        pieces: those whose decay was set, or "all".
    """
    from drumtok.rendering.kit_config import ALL
    from drumtok.sound.voices import SoundModel

    model = SoundModel.load()
    for piece, voice in kit.voices.items():
        asked = voice.controls.decay
        if asked is None or not {piece, ALL} & set(pieces):
            continue
        found = voice.decay(model)
        if abs(found - asked) > 0.01 * asked:
            note(f"# {piece}: decay {found:.3f} s, the nearest possible to {asked:g} s")
