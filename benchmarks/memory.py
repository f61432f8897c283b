"""Peak memory of benchmarks, measured in a new process."""

import contextlib
import resource
import subprocess
import sys
from pathlib import Path


def peak_memory(module: str, *arguments: object) -> tuple[float, float, float]:
    """Run a benchmark that ends with `print_peak`; return its peak MiB, that of its largest worker, and the seconds."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    own, worker, took = map(float, done.stdout.split())
    return own, worker, took


def print_peak(seconds: float) -> None:
    """Print the measurements of this process for `peak_memory`."""
    print(own_peak(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, seconds)


def own_peak() -> float:
    """Return the peak MiB of this process; on Linux, getrusage includes that of the process that started it."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
