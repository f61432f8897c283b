"""The tools of the Model Context Protocol server, as methods whose docstrings are sent to the client's model."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Lock
from typing import Any

from drumtok.connect.groove_input import MIDI_FILES, drums_of_client, read_groove
from drumtok.connect.groove_results import Groove, Sound, StyleRow
from drumtok.connect.shared_folder import SharedFolder
from drumtok.generation.config import ExpressionConfig, HumaniseConfig
from drumtok.generation.engines import engine_of, groove_engine_of
from drumtok.generation.generate import generate_with
from drumtok.generation.humanise import humanise, known_style
from drumtok.generation.randomness import fresh_seed
from drumtok.generation.sources import Sources
from drumtok.generation.styling import network_of_style, signature_of
from drumtok.generation.vary import VaryConfig, vary_with
from drumtok.midi.drums_config import DRUMS
from drumtok.midi.files import to_midi_bytes
from drumtok.midi.writer import STRAIGHT
from drumtok.network.engine import SteppedNetwork
from drumtok.pattern import DEFAULT_GRID, Pattern
from drumtok.rendering.audio import write_wav
from drumtok.rendering.kits import AudioConfig
from drumtok.sampling.config import SamplingConfig
from drumtok.sampling.signatures import grouped, signatures
from drumtok.version import __version__

FILL = "fill"
BARS = 4  # of a new groove; an assistant requests loops more often than songs


@dataclass(frozen=True)
class GrooveTools:
    """The tools of the server.

    Attributes:
        folder: the folder whose files a client may name.
        checkpoint: file of the network; None is the bundled one that fits the style.
    """

    folder: SharedFolder
    checkpoint: Any = None

    @cached_property
    def lock(self) -> Lock:
        """A lock that is held while a network writes, so that calls wait for each other."""
        return Lock()

    def tools(self) -> tuple[Callable[..., Any], ...]:
        """Return the tools, each named as its method."""
        return (
            self.write_groove,
            self.vary_groove,
            self.fill,
            self.humanise,
            self.render,
            self.read_grid,
            self.list_styles,
        )

    def write_groove(
        self,
        style: str | None = None,
        bars: int = BARS,
        tempo: float | None = None,
        meter: str | None = None,
        density: dict[str, float] | None = None,
        forbid: list[str] | None = None,
        temperature: float = SamplingConfig.temperature,
        dynamics: float = ExpressionConfig.dynamics,
        timing: float = ExpressionConfig.timing,
        seed: int | None = None,
        file: str | None = None,
    ) -> Groove:
        """Write a new drum groove; the same seed and settings write the same one.

        style: one of list_styles, such as funk; none leaves it open. bars: 1 to 1024. tempo: quarter notes per minute;
        by default that of the style. meter: such as 4/4 or 6/8. density: mean hits per bar of drums, such as
        {"kick": 4}. forbid: drums that are never hit. temperature: below 1 is safer, above 1 wilder. dynamics, timing:
        0 to 1, the amount of a drummer's velocities and timing. file: name of a new MIDI file in the shared folder; by
        default the MIDI file is returned in base64. Drums are kick, snare, closed, open, floor, low, high, ride, crash.
        """
        self._check_file(file)
        rates = tuple(f"{drum}={rate:g}" for drum, rate in (density or {}).items())
        config = SamplingConfig(
            bars=bars,
            tempo=tempo,
            meter=meter,
            style=style,
            density=rates,
            forbid=tuple(forbid or ()),
            temperature=temperature,
        )
        seed = fresh_seed() if seed is None else seed
        expression = ExpressionConfig(dynamics, timing)
        with self.lock:
            made = generate_with(config, seed, expression=expression, checkpoint=self.checkpoint)
        own = signature_of(config)
        return self._groove(made, seed, file, swing=own.swing if own else STRAIGHT)

    def vary_groove(
        self,
        pattern: str,
        amount: float = VaryConfig.amount,
        style: str | None = None,
        tempo: float | None = None,
        meter: str | None = None,
        seed: int | None = None,
        file: str | None = None,
    ) -> Groove:
        """Change a fraction of a groove so that it fits the rest; hits that stay keep their velocity and timing.

        pattern: grid notation, the name of a MIDI file in the shared folder, or a MIDI file in base64. amount: 0 to 1,
        the fraction of the bars of each drum that changes. style, seed, file: as in write_groove. tempo, meter: by
        default those of the MIDI file, or 120 and 4/4.
        """
        engine, before = self._source(pattern, style, tempo, meter, file)
        seed = fresh_seed() if seed is None else seed
        with self.lock:
            made = vary_with(VaryConfig(amount, style=style), before, seed, checkpoint=engine)
        return self._groove(made, seed, file)

    def fill(
        self,
        pattern: str,
        bars: list[int] | None = None,
        style: str | None = None,
        tempo: float | None = None,
        meter: str | None = None,
        seed: int | None = None,
        file: str | None = None,
    ) -> Groove:
        """Write fills in place of bars of a groove; the other bars stay.

        pattern: as in vary_groove. bars: the bars to write, counted from 1; by default the last. style, seed, file: as
        in write_groove. tempo, meter: as in vary_groove.
        """
        engine, before = self._source(pattern, style, tempo, meter, file)
        kind = FILL if FILL in engine.checkpoint.kinds else None
        config = SamplingConfig(style=style, kind=kind, fill_bars=tuple([before.bars] if bars is None else bars))
        seed = fresh_seed() if seed is None else seed
        with self.lock:
            made = generate_with(config, seed, sources=Sources(source_pattern=before), checkpoint=engine)
        return self._groove(made, seed, file)

    def humanise(
        self,
        pattern: str,
        dynamics: float = HumaniseConfig.dynamics,
        timing: float = HumaniseConfig.timing,
        style: str | None = None,
        tempo: float | None = None,
        meter: str | None = None,
        grid: int = DEFAULT_GRID,
        seed: int | None = None,
        file: str | None = None,
    ) -> Groove:
        """Play the hits of a groove with the velocities and the timing of a drummer; no hit is added or left out.

        pattern, tempo, meter: as in vary_groove. dynamics, timing: 0 keeps velocities or timing, 1 replaces them. grid:
        steps per quarter note by which the pattern is read, 4 for sixteenths. style, seed, file: as in write_groove.
        The timing is in the MIDI file; grid notation has three levels of velocity and no timing.
        """
        self._check_file(file)
        before = read_groove(pattern, self.folder, tempo, meter, grid)
        seed = fresh_seed() if seed is None else seed
        with self.lock:
            own = known_style(style, groove_engine_of(None).checkpoint)
            made = humanise(before, dynamics, timing, seed=seed, style=own)
        return self._groove(made, seed, file)

    def render(
        self,
        pattern: str,
        file: str,
        kit: str = AudioConfig.kit,
        tempo: float | None = None,
        meter: str | None = None,
        grid: int = DEFAULT_GRID,
    ) -> Sound:
        """Render a groove as a WAV file in the shared folder, which loops without a gap.

        pattern, tempo, meter, grid: as in humanise. file: name of a new .wav file. kit: such as gm, 808, 909, jazz,
        acoustic, or seed:7 for a generated kit.
        """
        path = self.folder.new_file(file, (".wav",))
        found = read_groove(pattern, self.folder, tempo, meter, grid)
        write_wav(found, path, kit)
        return Sound(str(path), found.seconds)

    def read_grid(
        self,
        pattern: str,
        tempo: float | None = None,
        meter: str | None = None,
        grid: int = DEFAULT_GRID,
        file: str | None = None,
        note_map: str = DRUMS.note_map,
        channel: int | None = DRUMS.channel,
        track: str | None = DRUMS.track,
    ) -> Groove:
        """Read a groove without changing it: grid notation to MIDI, or a MIDI file to grid notation.

        Grid notation is a line for each drum, such as "kick |x---x---x---x---|": x hit, X accent, o ghost note, -
        silence; | is skipped, lines of a bar have equal length, and an empty line begins later bars. pattern, tempo,
        meter, grid, file: as in humanise. note_map: that of a MIDI file, such as gm or ad2. channel, track:
        those of its drums, if they are not found; a channel from 1 to 16, a track by number or name.
        """
        self._check_file(file)
        drums = drums_of_client(note_map, channel, track)
        return self._groove(read_groove(pattern, self.folder, tempo, meter, grid, drums), None, file)

    def list_styles(self) -> list[StyleRow]:
        """List the styles, with their tempi and meters."""
        known, own = engine_of(self.checkpoint).checkpoint.config.styles, signatures()
        rows = []
        for group, styles in grouped(known).items():
            for style in styles:
                row = own.get(style)
                meters = ["{}/{}".format(*meter) for meter in row.meters] if row else []
                tempo = [float(each) for each in row.tempo] if row else []
                rows.append(StyleRow(style, row.title if row else style, group, tempo, meters))
        return rows

    def _engine(self, style: str | None) -> SteppedNetwork:
        """Return the engine for changing a groove in a style."""
        return engine_of(self.checkpoint or network_of_style(style))

    def _source(
        self, pattern: str, style: str | None, tempo: float | None, meter: str | None, file: str | None
    ) -> tuple[SteppedNetwork, Pattern]:
        """Check the output file; return the engine for changing a groove, and the groove on its grid."""
        self._check_file(file)
        engine = self._engine(style)
        return engine, read_groove(pattern, self.folder, tempo, meter, engine.checkpoint.grid)

    def _check_file(self, file: str | None) -> None:
        """Check where a MIDI file is to be written, before any work."""
        if file is not None:
            self.folder.new_file(file, MIDI_FILES)

    def _groove(self, made: Pattern, seed: int | None, file: str | None, swing: float = STRAIGHT) -> Groove:
        """Return a groove, its MIDI file written or in base64."""
        data = to_midi_bytes(replace(made, name=made.name or "groove"), text=f"drumtok {__version__}: mcp", swing=swing)
        path = "" if file is None else self.folder.write(file, MIDI_FILES, data)
        return Groove.of(made, seed, data, path)
