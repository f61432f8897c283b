"""Output besides the MIDI file: a WAV, a picture, a format on standard output, a MIDI port."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from drumtok.errors import DrumtokError
from drumtok.midi.files import to_midi_bytes
from drumtok.midi.port import open_port, play
from drumtok.midi.writer import OUTPUT, MidiConfig
from drumtok.pattern import Pattern
from drumtok.rendering.kits import SOUND, AudioConfig, stem_paths
from drumtok.runtime.install import install_command
from drumtok.runtime.settings import check, setting
from drumtok.tokenizer.formats import MIDI_ENDING, TEXT_FORMATS

MIDI = "mid"
FORMATS = (MIDI, *TEXT_FORMATS)  # MIDI alone is bytes
DEFAULT_WRITING = MidiConfig()


@dataclass(frozen=True)
class OutputConfig:
    """Select the output of a pattern besides its MIDI file."""

    wav: bool = setting(False, "Write a .wav too; drumtok render has more.", group=SOUND)
    stems: bool = setting(False, "Write a .wav for each drum as well.", group=SOUND)
    play: bool = setting(False, "Play to a MIDI port, with clock.", group=SOUND)
    port: str | None = setting(None, "MIDI port; default the first.", kind=str, group=SOUND)
    times: int = setting(1, "Times to play; 0 until Ctrl-C.", low=0, group=SOUND)
    png: bool = setting(False, "Draw a .png beside the MIDI file.", group=OUTPUT)
    format: str | None = setting(None, "Print only this format.", choices=FORMATS, kind=str, group=OUTPUT)

    def __post_init__(self) -> None:
        check(self)
        _check_read(self.play, self, ("port", "times"), "--play")

    @property
    def endings(self) -> tuple[str, ...]:
        """The endings of the files that are written beside the MIDI file."""
        return (".wav",) * self.wav + (".png",) * self.png

    def files_beside(self, path: Path) -> list[Path]:
        """Return the files that may be written beside a MIDI file; stems are only written for drums with hits."""
        stems = stem_paths(path.with_suffix(".wav")) if self.stems else []
        return [path.with_suffix(ending) for ending in self.endings] + stems

    @property
    def format_ending(self) -> str:
        """The ending of the file in the selected format, if it is written and not printed."""
        return TEXT_FORMATS[self.format].ending if self.format in TEXT_FORMATS else MIDI_ENDING

    def check_with(self, paths: Sequence[Path], audio: AudioConfig, to_stdout: bool = True) -> None:
        """Check the options before any pattern is made.

        Args:
            paths: the name of each pattern's MIDI file.
            to_stdout: whether the format is printed, not written to a file.

        Raises:
            DrumtokError: sound is configured but not rendered, the format allows only one pattern, two files would have
                the same name, or matplotlib is not installed.
        """
        _check_read(self.wav, self, ("stems",), "--wav")
        _check_read(self.wav, audio, [f.name for f in fields(audio)], "--wav")
        if self.wav:  # an unreadable kit stops a command before anything is written
            from drumtok.rendering.load_kit import load_kit

            load_kit(audio.kit)
        joins = self.format is None or (self.format in TEXT_FORMATS and TEXT_FORMATS[self.format].joins)
        if not joins and len(paths) != 1 and to_stdout:
            raise DrumtokError(f"--format {self.format} must be used with one pattern, got {len(paths)}")
        ending = () if to_stdout else (self.format_ending,)
        written = Counter(file for path in paths for file in (*self.files_beside(path), *map(path.with_suffix, ending)))
        for file, times in written.most_common(1):
            if times > 1:
                raise DrumtokError(f"names of the outputs must differ, got {str(file)!r} twice")
        if self.png and find_spec("matplotlib") is None:
            raise DrumtokError(f"drawing requires matplotlib: {install_command('picture')}")


def check_writing(output: OutputConfig, writing: MidiConfig) -> None:
    """Check that MIDI options have an effect, for a command that writes no MIDI file.

    Raises:
        DrumtokError: one has no effect.
    """
    printed = output.format == MIDI
    _check_read(printed, writing, ("midi_type", "track_per_drum"), "--format mid")
    _check_read(printed or output.play, writing, ("note_map",), "--format mid or --play")
    _check_read(printed or output.play or output.wav, writing, ("swing",), "--wav, --play or --format mid")


def _check_read(is_read: bool, config: Any, names: Sequence[str], required: str) -> None:
    """Check that settings without an effect have their defaults."""
    for f in fields(config):
        value = getattr(config, f.name)
        if not is_read and f.name in names and value != f.default:
            raise DrumtokError(f"--{(f.metadata['option'] or f.name).replace('_', '-')} requires {required}")


def write_beside(
    pattern: Pattern, path: Path, output: OutputConfig, audio: AudioConfig, writing: MidiConfig
) -> list[Path]:
    """Write the requested sound and picture, with the name of a MIDI file but another ending.

    Returns:
        The files.

    Raises:
        DrumtokError: one cannot be made or written.
    """
    stems: list[Path] = []
    if output.wav:
        from drumtok.rendering.audio import write_stems, write_wav

        write_wav(pattern, path.with_suffix(".wav"), **asdict(audio), swing=writing.swing)
    if output.stems:
        stems = write_stems(pattern, path.with_suffix(".wav"), swing=writing.swing, audio=audio)
    if output.png:
        from drumtok.rendering.picture import draw_png

        draw_png(pattern, path.with_suffix(".png"), title=pattern.name)
    return [path.with_suffix(ending) for ending in output.endings] + stems


@contextmanager
def player(
    output: OutputConfig, writing: MidiConfig, opened: Callable = open_port, play: Callable = play
) -> Iterator[Callable[[Pattern], None]]:
    """Yield a function that plays a pattern to the MIDI port, or does nothing; close the port at the end.

    Args:
        opened: opens the port of a name, as `drumtok.midi.port.open_port` does.
        play: plays a pattern to it, as `drumtok.midi.port.play` does.

    Raises:
        DrumtokError: as in `drumtok.midi.port.open_port`, and in `drumtok.midi.port.play` while it plays.
    """
    if output.play:
        with opened(output.port) as port:
            yield lambda pattern: play(pattern, port, times=output.times, writing=writing)
    else:
        yield lambda pattern: None


def formatted(pattern: Pattern, form: str, text: str = "", writing: MidiConfig = DEFAULT_WRITING) -> bytes:
    r"""Return a pattern in one of `FORMATS`; concatenated texts are read back as several patterns.

    Args:
        text, writing: of a MIDI file, as in `drumtok.midi.files.write_midi`.

    Raises:
        DrumtokError: the format is unknown, or as in `write_midi`.

    >>> formatted(Pattern.from_grid("kick |x---x---x---x---|"), "grid")
    b'kick   |x---x---x---x---|\n\n'
    """
    if form == MIDI:
        return to_midi_bytes(pattern, text=text, **asdict(writing))
    if form not in TEXT_FORMATS:
        raise DrumtokError(f"format must be one of {', '.join(FORMATS)}, got {form!r}")
    return f"{TEXT_FORMATS[form].write(pattern)}\n".encode()
