"""A Ray cluster on this machine, for the tests and benchmarks of `drumtok.engines`."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

STARTS = 6
STORE = 100 * 2**20  # bytes of a node's object store
TESTS = Path(__file__).resolve().parent


@contextmanager
def cluster(nodes: int = 2, cpus: int = 1) -> Iterator[Any]:
    """Ray's `Cluster`: its first node lends no worker, as the driver is on it; its `worker_nodes` can be killed."""
    known = (str(TESTS.parent), str(TESTS), os.environ.get("PYTHONPATH", ""))
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, known))  # of the workers
    import ray
    from ray.cluster_utils import Cluster

    made = _tried(lambda: Cluster(initialize_head=True, head_node_args=_node(0)))
    try:
        for _ in range(nodes):
            _tried(lambda: made.add_node(**_node(cpus)))
        yield made
    finally:
        ray.shutdown()
        made.shutdown()


def _tried(start: Callable[[], Any]) -> Any:
    """Starts a node; a raylet gives its agents 15 s to start, which on a busy machine is not enough every time."""
    for left in reversed(range(STARTS)):
        try:
            return start()
        except Exception:
            if not left:
                raise


def kill_at_once(node: Any) -> None:
    """Ends a node and its workers in the middle of what they do."""
    raylet = node.all_processes["raylet"][0].process.pid
    told = [(path.name, path.joinpath("stat")) for path in Path("/proc").iterdir() if path.name.isdecimal()]
    pids = [int(pid) for pid, stat in told if stat.read_text().rpartition(")")[2].split()[1] == str(raylet)]
    for pid in (*pids, raylet):
        os.kill(pid, signal.SIGKILL)


def _node(cpus: int) -> dict[str, Any]:
    return {"num_cpus": cpus, "object_store_memory": STORE, "include_dashboard": False, "include_log_monitor": False}
