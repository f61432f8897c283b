"""`drumtok osc`: write and play drums for programs that use Open Sound Control."""

from importlib.util import find_spec
from pathlib import Path
from threading import Event

import rich_click as click

from drumtok.cli.shared_options import COMPLETERS, checkpoint_option, seed_option
from drumtok.cli.terminal import note, quiet_option
from drumtok.connect.live_settings import LiveSettings, OscConfig
from drumtok.errors import DrumtokError
from drumtok.runtime.install import install_command
from drumtok.runtime.options import settings_options


@click.command("osc")
@settings_options(COMPLETERS, config=OscConfig, settings=LiveSettings)
@seed_option
@checkpoint_option
@quiet_option
def osc_command(config: OscConfig, settings: LiveSettings, seed: int | None, checkpoint: Path | None) -> None:
    """Write bars endlessly and play them over Open Sound Control (OSC, UDP) until Ctrl-C.

    Each bar is sent as soon as it is written (/drumtok/bar, /drumtok/hit), and each hit when it is due (/drumtok/note).
    /drumtok/start, stop, style, tempo, temperature, dynamics, density and clock are received. If the network is late,
    the last bar is repeated.
    """
    if find_spec("pythonosc") is None:
        raise DrumtokError(f"Open Sound Control requires python-osc: {install_command('osc')}")
    from drumtok.connect.live_writer import LiveWriter
    from drumtok.connect.osc_server import OscServer
    from drumtok.generation.engines import engine_of
    from drumtok.generation.randomness import randomness

    engine_of(checkpoint)  # an unreadable checkpoint stops the command
    writer = LiveWriter(settings, config.phrase, checkpoint, randomness(seed).generator)
    with OscServer(config, writer) as server:
        note(f"# receiving at {config.listen.rpartition(':')[0]}:{server.port}, sending to {config.send}", err=True)
        Event().wait()
