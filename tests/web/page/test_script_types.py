"""The TypeScript compiler, if installed, finds no type errors in the scripts of the page."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TSC = shutil.which("tsc")


@pytest.mark.slow
@pytest.mark.skipif(TSC is None, reason="tsc is not installed (npm install -g typescript)")
def test_the_scripts_of_the_page_have_the_types_that_their_comments_give():
    found = subprocess.run(["tsc", "-p", ROOT / "tsconfig.json"], capture_output=True, text=True)
    assert found.returncode == 0, found.stdout
