"""`sample` starts without importing the modules that only errors, archives and clusters need."""

import os
import subprocess
import sys
from pathlib import Path

SLOW = {"http.client", "importlib.metadata", "logging", "platformdirs", "drumtok.generation.archives"}


def test_sample_imports_what_it_needs_alone(tmp_path):
    code = (
        "import sys\nfrom drumtok.cli.main import main\n"
        "main(['sample', '--bars', '1', '--seed', '1', '--out', 'a.mid'], standalone_mode=False)\n"
        f"print(sorted({SLOW!r} & set(sys.modules)), file=sys.stderr)"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stderr.splitlines()[-1] == "[]", done.stderr
