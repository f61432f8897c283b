"""`drumtok site`: the page as static files."""

from importlib.util import find_spec
from pathlib import Path

import rich_click as click

from drumtok.cli.shared_options import PATH, checkpoint_option, out_of
from drumtok.cli.terminal import note, quiet_option
from drumtok.errors import DrumtokError
from drumtok.runtime.install import install_command

MEGABYTE = 1e6


@click.group("site")
def site_command() -> None:
    """Build a web page for any static file server, with the network in the browser."""


@site_command.command("build")
@click.argument("folder", required=False, metavar="[OUT]", type=PATH)
@click.option("--out", "-o", type=PATH, help="The folder to write, instead of the argument OUT.")
@checkpoint_option
@quiet_option
def build_command(folder: Path | None, out: Path | None, checkpoint: Path | None) -> None:
    """Write the page of `drumtok serve` as static files to the folder OUT, new or empty.

    The network runs in the browser: the same seed writes the same words. The page works offline after the first visit
    where it is served over HTTPS or from this machine (`python -m http.server`).
    """
    out = out_of(folder, out)
    if find_spec("fastapi") is None:
        raise DrumtokError(f"building a site requires fastapi: {install_command('web')}")
    from drumtok.web.site_files import build_site

    site = build_site(out, checkpoint)
    total, first = (site.size(names) / MEGABYTE for names in (site.files, site.first))
    note(f"{len(site.files)} files, {total:.1f} MB, of which the first visit loads {first:.1f} MB")
