"""What a style implies for a new pattern: its canonical name, tempo, network and rules."""

from dataclasses import replace

from drumtok.errors import DrumtokError
from drumtok.grids import DEFAULT_METER
from drumtok.network.checkpoint import THIRTYSECONDS, Checkpoint
from drumtok.sampling.config import SamplingConfig
from drumtok.sampling.signatures import Signature, find_style, signatures

FINE_GRID = 8  # steps per quarter note of the network that writes rolls


def signature_of(config: SamplingConfig) -> Signature | None:
    """Return the signature of a style, or None for a style without one."""
    return None if config.style is None else signatures().get(config.style)


def styled(config: SamplingConfig, network: Checkpoint, new: bool = True) -> SamplingConfig:
    """Return a config with the canonical name of its style, and with the tempo and meter of that style.

    Args:
        new: whether the pattern is made from scratch; others keep the tempo and meter of their input.

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
    """Return the name of the bundled checkpoint that suits a style best; None is the default one."""
    if style is None:
        return None
    try:
        own = signatures()[find_style(style)]
    except DrumtokError:  # the network reports it, since it may know other styles
        return None
    return THIRTYSECONDS if own.grids[0] == FINE_GRID else None
