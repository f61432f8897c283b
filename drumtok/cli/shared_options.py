"""Options of several commands, and the shell completion of their values."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import rich_click as click

from drumtok.drums import LANES
from drumtok.errors import DrumtokError
from drumtok.midi.drums_config import DrumsConfig
from drumtok.midi.note_maps import note_map_names
from drumtok.rendering.kits import KIT_NAMES
from drumtok.runtime.options import Completer, completing, settings_options

if TYPE_CHECKING:
    from drumtok.network.config import ModelConfig

Source = TypeVar("Source", str, Path)
PATH = click.Path(path_type=Path, readable=False)  # whether a file is readable shows when it is read


def _checkpoint_names() -> list[str]:
    from drumtok.runtime.files import data_path

    return sorted(path.stem for path in data_path("checkpoints").glob("*.safetensors") if path.stem != "groove")


def _styles() -> list[str]:
    """Return all styles; a network writes a style that it was not trained on like a similar one."""
    from drumtok.sampling.signatures import grouped

    return [style for styles in grouped(_config().styles).values() for style in styles]


def _config() -> "ModelConfig":
    """Return the config of the bundled network."""
    from drumtok.network.checkpoint import checkpoint_file, load_checkpoint

    return load_checkpoint(checkpoint_file(None)).config


complete_note_map = completing(note_map_names)

COMPLETERS: dict[str, Completer] = {
    "style": completing(_styles),
    "source": completing(lambda: _config().sources),
    "density": completing(lambda: [f"{lane}=" for lane in LANES]),
    "note_map": complete_note_map,
    "kit": completing(lambda: KIT_NAMES),
}


def rare_options_last(command: Callable) -> Callable:
    """Decorate a click command so that `--help` lists the options of `RARE` after all others."""
    from drumtok.midi.writer import OUTPUT
    from drumtok.rendering.kits import SOUND
    from drumtok.sampling.config import FORM, KEEP, RARE, STYLE, WHAT

    for heading in reversed((WHAT, STYLE, KEEP, FORM, SOUND, OUTPUT, "Options", RARE)):
        command = click.option_panel(heading)(command)
    return command


def seed_option(command: Callable) -> Callable:
    """Decorate a click command with `--seed`."""
    text = "Same seed, same bytes.  [at least 0; default drawn]"
    decorated: Callable = click.option("--seed", type=int, help=text)(command)
    return decorated


def checkpoint_option(command: Callable) -> Callable:
    """Decorate a click command with `--checkpoint`, a file or the name of a bundled checkpoint."""
    decorated: Callable = click.option(
        "--checkpoint",
        type=PATH,
        shell_complete=completing(_checkpoint_names),
        help="A file, or a name such as 'thirtyseconds'.",
    )(command)
    return decorated


def drums_option(command: Callable) -> Callable:
    """Decorate a click command with `--map`, `--channel` and `--track`; it receives a `DrumsConfig` as `drums`."""
    decorated: Callable = settings_options(COMPLETERS, drums=DrumsConfig)(command)
    return decorated


def out_and_sources(paths: Sequence[Source], out: Path | None) -> tuple[Path, tuple[Source, ...]]:
    """Return where to write and the sources, given as the arguments `OUT SOURCE...`, or with `--out` as `SOURCE...`.

    Raises:
        DrumtokError: there is no source.
    """
    if out is None:
        out, paths = Path(paths[0]), paths[1:]
    if not paths:
        raise DrumtokError(f"SOURCE must be given at least once, got only OUT, {str(out)!r}")
    return out, tuple(paths)


def out_of(argument: Path | None, option: Path | None) -> Path:
    """Return where to write, given as an argument or as `--out`.

    Raises:
        DrumtokError: it is given twice, or not at all.
    """
    if (argument is None) == (option is None):
        raise DrumtokError(
            f"OUT must be given once, as an argument or as --out, got {'none' if option is None else 'both'}"
        )
    return argument or option  # type: ignore[return-value]  # one is a path
