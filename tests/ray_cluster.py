"""A Ray cluster on this machine, for the tests and benchmarks of `drumtok.engines`."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

STORE = 100 * 2**20  # bytes of a node's object store
TESTS = Path(__file__).resolve().parent


@contextmanager
def cluster(nodes: int = 2, cpus: int = 1) -> Iterator[Any]:
    """A cluster whose first node lends no worker, as the driver is on it; the others can be killed.

    Yields:
        Ray's `Cluster`; a node of its `worker_nodes` is killed by its `remove_node(node, allow_graceful=False)`.
    """
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


def _node(cpus: int) -> dict[str, Any]:
    """The ports of the agents are given: a raylet that is not told them waits 15 s for them to start, and no longer."""
    agents = ("metrics_agent_port", "dashboard_agent_listen_port", "runtime_env_agent_port")
    return {"num_cpus": cpus, "object_store_memory": STORE, "include_dashboard": False, **_free_ports(agents)}


def _free_ports(names: tuple[str, ...]) -> dict[str, int]:
    sockets = [socket.socket() for _ in names]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = {name: one.getsockname()[1] for name, one in zip(names, sockets, strict=True)}
    for one in sockets:
        one.close()
    return ports
