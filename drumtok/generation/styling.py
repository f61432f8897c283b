"""What a style implies for a new pattern: its name, however it is written, its tempo, network and rules."""

from dataclasses import replace

from drumtok.errors import DrumtokError
from drumtok.grids import DEFAULT_METER
from drumtok.network.checkpoint import Checkpoint
from drumtok.sampling.config import SamplingConfig
from drumtok.sampling.signatures import Signature, find_style, signatures

FINE_GRID = 8  # steps per quarter note of the network that writes rolls
FINE = "thirtyseconds"


def signature_of(config: SamplingConfig) -> Signature | None:
    """Return the signature of the style that is asked for, or None for a style without one."""
    return None if config.style is None else signatures().get(config.style)


def styled(config: SamplingConfig, network: Checkpoint, new: bool = True) -> SamplingConfig:
    """Return a config with the name of its style as data and checkpoints have it, and with its tempo and meter.

    Args:
        new: whether the pattern is made from nothing; others have the tempo and meter of what they are made from.

    Raises:
        DrumtokError: neither the checkpoint nor `datasets/styles.toml` has the style.
    """
    if config.style is None:
        return config
    style = find_style(config.style, dict.fromkeys((*network.config.styles, *signatures())))
    own, tempo, meter = signatures().get(style), config.tempo, config.meter
    if new and own:
        tempo = own.tempo[1] if tempo is None else tempo
        elsewhere = meter is None and DEFAULT_METER not in own.meters
        meter = "{}/{}".format(*own.meters[0]) if elsewhere else meter
    return replace(config, style=style, tempo=tempo, meter=meter)


def network_of_style(style: str | None) -> str | None:
    """Return the name of the bundled checkpoint that a style is best written with; None is the default one."""
    if style is None:
        return None
    try:
        own = signatures()[find_style(style)]
    except DrumtokError:  # an error for the network, which may know others
        return None
    return FINE if own.grids[0] == FINE_GRID else None
