"""The command that installs a missing extra, for a clone or an installed package."""

import json
import os
import shlex
from pathlib import Path

CLONE_FILES = ("setup.cfg", "constraints.txt")


def install_command(extra: str) -> str:
    """Return the command that installs an extra of drumtok.

    In a clone it pins the tested versions. A package that was installed from a folder or a file is reinstalled from
    there, any other one from the package index.
    """
    from urllib.parse import urlparse  # slower to import than the rest of a command
    from urllib.request import url2pathname

    checkout = Path(__file__).resolve().parents[2]
    if _is_clone(checkout):
        return _from_clone(checkout, extra, "-e ")
    source = _direct_url()
    folder = Path(url2pathname(urlparse(source).path)) if source.startswith("file:") else None
    if folder and _is_clone(folder):
        return _from_clone(folder, extra)
    requirement = f"drumtok[{extra}] @ {source}" if source else f"drumtok[{extra}]"
    return f"pip install {shlex.quote(requirement)}"


def _from_clone(folder: Path, extra: str, editable: str = "") -> str:
    """Return the command with paths that work in the current folder."""
    try:
        is_here = os.path.samefile(folder, os.curdir)
    except OSError:  # the current folder was removed
        is_here = False
    constraints, package = ("constraints.txt", ".") if is_here else (str(folder / "constraints.txt"), str(folder))
    return f"pip install -c {shlex.quote(constraints)} {editable}{shlex.quote(f'{package}[{extra}]')}"


def _is_clone(folder: Path) -> bool:
    return all((folder / name).is_file() for name in CLONE_FILES)


def _direct_url() -> str:
    """Return where pip installed drumtok from, or empty for the package index or an unknown place."""
    from importlib import metadata

    try:
        text = metadata.distribution("drumtok").read_text("direct_url.json")
        return str(json.loads(text or "{}").get("url", ""))
    except (metadata.PackageNotFoundError, OSError, ValueError, AttributeError):
        return ""
