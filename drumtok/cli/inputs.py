"""The input files of new patterns, read once for all of them."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from drumtok.cli.sources import Source, read_source
from drumtok.generation.config import ExpressionConfig
from drumtok.generation.provenance import Provenance, path_arguments, provenance
from drumtok.midi.drums_config import DRUMS, DrumsConfig
from drumtok.midi.files import FILE_METER
from drumtok.midi.note_maps import own_map
from drumtok.midi.onsets import followed_file
from drumtok.midi.writer import MidiConfig
from drumtok.pattern import Pattern
from drumtok.runtime.options import arguments_of
from drumtok.sampling.config import SamplingConfig

if TYPE_CHECKING:
    from drumtok.generation.sources import Sources
    from drumtok.network.checkpoint import Checkpoint


@dataclass(frozen=True)
class Inputs:
    """The contents of the input files.

    Attributes:
        used: the file of the network.
        primer: the pattern to continue.
        kept_from: the pattern that hits are kept from.
        take: a performance whose dynamics and timing are copied.
        paths: option -> file as given.
        drums: how their drums were found and read.
        source: the file that hits are kept from, which is edited.
    """

    used: Path
    network: "Checkpoint"
    primer: Pattern | None
    kept_from: Pattern | None
    take: Pattern | None
    paths: dict[str, Path | None]
    drums: DrumsConfig = DRUMS
    source: Source | None = None

    @property
    def sources(self) -> "Sources":
        """The patterns, as `generate_with` takes them."""
        from drumtok.generation.sources import Sources

        return Sources(self.primer, self.kept_from, groove_from=self.take)

    @classmethod
    def read(
        cls,
        checkpoint: Path | None,
        primer: Path | None = None,
        given: Path | None = None,
        groove_from: Path | None = None,
        drums: DrumsConfig = DRUMS,
        meter: str | None = None,
    ) -> "Inputs":
        """Read all files that the options name, in their own meter or another."""
        from drumtok.network.checkpoint import checkpoint_file, load_checkpoint

        used = checkpoint_file(checkpoint)
        network = load_checkpoint(used)

        def read(path: Path | None, name: str, last: bool = False, report: bool = True) -> Pattern | None:
            return None if path is None else read_source(path, network.grid, name, drums, meter, last, report)

        patterns = (
            read(primer, "the primer", last=True),
            read(given, "the file of --from", report=False),
            read(groove_from, "the file of --groove-from"),
        )
        paths = {"checkpoint": checkpoint, "primer": primer, "from": given, "groove-from": groove_from}
        kept = patterns[1] is not None and given is not None and patterns[1].hits.any()
        source = Source.read(given, network.grid, drums, meter or FILE_METER, report=False) if kept and given else None
        return cls(used, network, *patterns, paths, drums, source)

    def provenance(self, config: SamplingConfig, expression: ExpressionConfig, writing: MidiConfig) -> Provenance:
        """Return how the patterns are made, without their seeds."""
        from drumtok.network.groove_checkpoint import DEFAULT_GROOVE
        from drumtok.runtime.files import data_path

        drummer = data_path(DEFAULT_GROOVE) if expression.plays and self.take is None else None
        return provenance(
            "sample",
            (
                *arguments_of(config, expression, writing, self.drums),
                *path_arguments(self.paths),
            ),
            {
                **self.paths,
                "checkpoint": self.used,
                "follow": followed_file(config.follow),
                "groove": drummer,
                "map": own_map(self.drums.note_map),
                "out-map": writing.own_map,
            },
        )
