"""Hints name an install command that fits the way drumtok is installed."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from drumtok.runtime.install import install_command

ROOT = Path(__file__).parents[2]
CODE = "from drumtok.runtime.install import install_command; print(install_command('web'))"


def test_in_a_clone_it_is_that_of_the_readme(monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT)
    assert install_command("web") == "pip install -c constraints.txt -e '.[web]'"
    monkeypatch.chdir(tmp_path)
    assert install_command("web") == f"pip install -c {ROOT / 'constraints.txt'} -e '{ROOT}[web]'"


@pytest.fixture
def installed(tmp_path):
    """A function that runs `install_command` in a copy of the package among installed packages."""
    site = tmp_path / "site"
    (site / "drumtok" / "runtime").mkdir(parents=True)
    for name in ("runtime/install.py",):
        shutil.copy(ROOT / "drumtok" / name, site / "drumtok" / name)
    for folder in ("drumtok", "drumtok/runtime"):
        (site / folder / "__init__.py").touch()
    data = site / "drumtok-1.0.dist-info"
    data.mkdir()
    (data / "METADATA").write_text("Metadata-Version: 2.1\nName: drumtok\nVersion: 1.0\n")

    def run(url=None):
        if url:
            (data / "direct_url.json").write_text(json.dumps({"url": url}))
        environment = {**os.environ, "PYTHONPATH": str(site)}
        command = [sys.executable, "-c", CODE]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    return run


def test_an_installed_package_is_installed_again_from_where_it_came(installed, tmp_path):
    assert installed() == "pip install 'drumtok[web]'"
    wheel = "https://example.com/drumtok-1.0-py3-none-any.whl"
    assert installed(wheel) == f"pip install 'drumtok[web] @ {wheel}'"
    clone = tmp_path / "my clone"
    clone.mkdir()
    for name in ("setup.cfg", "constraints.txt"):
        (clone / name).touch()
    assert installed(clone.as_uri()) == f"pip install -c '{clone}/constraints.txt' '{clone}[web]'"
