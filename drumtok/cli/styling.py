"""Defaults that follow from a style: the network, the tempo, the meter, the swing and the kit."""

from dataclasses import replace
from pathlib import Path

from click import get_current_context
from click.core import ParameterSource

from drumtok.cli.inputs import Inputs
from drumtok.midi.writer import MidiConfig
from drumtok.rendering.kits import AudioConfig
from drumtok.sampling.config import SamplingConfig


def network_of(style: str | None) -> Path | None:
    """Return the name of the best checkpoint for a style, as for `--checkpoint`; None is the default one."""
    from drumtok.generation.styling import network_of_style

    name = network_of_style(style)
    return None if name is None else Path(name)


def with_style(
    config: SamplingConfig, writing: MidiConfig, inputs: Inputs, again: bool = False
) -> tuple[SamplingConfig, MidiConfig]:
    """Return the settings with the tempo, meter and swing of the style.

    Args:
        again: whether a file is reproduced: its options include the swing, unless it is straight.
    """
    from drumtok.generation.styling import signature_of, styled

    config = styled(config, inputs.network, new=inputs.primer is None and inputs.kept_from is None)
    own = signature_of(config)
    if own and not again and get_current_context().get_parameter_source("swing") is ParameterSource.DEFAULT:
        writing = replace(writing, swing=own.swing)
    return config, writing


def with_kit(audio: AudioConfig, style: str | None) -> AudioConfig:
    """Return the settings of audio with the kit of the style, unless a kit was chosen."""
    if get_current_context().get_parameter_source("kit") is not ParameterSource.DEFAULT:
        return audio
    from drumtok.rendering.style_kits import kit_of_style

    return replace(audio, kit=kit_of_style(style))
