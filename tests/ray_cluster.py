"""A Ray cluster on this machine, for the tests and benchmarks of `drumtok.engines`."""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

STORE = 100 * 2**20  # bytes of a node's object store
TESTS = Path(__file__).resolve().parent


@contextmanager
def cluster(nodes: int = 2, cpus: int = 1) -> Iterator[Any]:
    """Ray's `Cluster`: its first node lends no worker, as the driver is on it; its `worker_nodes` can be killed."""
    os.environ["RAY_raylet_start_wait_time_s"] = "150"  # noqa: SIM112 (of a busy machine; read when Ray is imported)
    import ray
    from ray.cluster_utils import Cluster

    os.environ["PYTHONPATH"] = os.pathsep.join(
        filter(None, (str(TESTS.parent), str(TESTS), os.environ.get("PYTHONPATH")))
    )
    made = Cluster(initialize_head=True, head_node_args=_node(0))
    try:
        for _ in range(nodes):
            made.add_node(**_node(cpus))
        yield made
    finally:
        ray.shutdown()
        made.shutdown()


def kill_at_once(node: Any) -> None:
    """Ends a node and its workers in the middle of what they do."""
    raylet = node.all_processes["raylet"][0].process.pid
    told = [(path.name, path.joinpath("stat")) for path in Path("/proc").iterdir() if path.name.isdecimal()]
    pids = [int(pid) for pid, stat in told if stat.read_text().rpartition(")")[2].split()[1] == str(raylet)]
    for pid in (*pids, raylet):
        os.kill(pid, signal.SIGKILL)


def _node(cpus: int) -> dict[str, Any]:
    """The ports of the agents are given: a raylet that is not told them waits 15 s for them to start, and no longer."""
    agents = ("metrics_agent_port", "metrics_export_port", "dashboard_agent_listen_port", "runtime_env_agent_port")
    return {"num_cpus": cpus, "object_store_memory": STORE, "include_dashboard": False, **_free_ports(agents)}


def _free_ports(names: tuple[str, ...]) -> dict[str, int]:
    sockets = [socket.socket() for _ in names]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = {name: one.getsockname()[1] for name, one in zip(names, sockets, strict=True)}
    for one in sockets:
        one.close()
    return ports
