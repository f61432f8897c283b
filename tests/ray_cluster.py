"""A Ray cluster on this machine, for the tests and benchmarks of `drumtok.engines`."""

import os
import secrets
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

STORE = 100 * 2**20  # bytes of a node's object store
AGENTS = ("metrics_agent_port", "metrics_export_port", "dashboard_agent_listen_port", "runtime_env_agent_port")
TESTS = Path(__file__).resolve().parent


@contextmanager
def cluster(nodes: int = 2, cpus: int = 1) -> Iterator[Any]:
    """Ray's `Cluster`: its first node lends no worker, as the driver is on it; its `worker_nodes` can be killed."""
    known = (str(TESTS.parent), str(TESTS), os.environ.get("PYTHONPATH", ""))
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, known))  # of the workers
    os.environ["RAY_raylet_start_wait_time_s"] = "150"  # noqa: SIM112 (on a busy machine; read when Ray is imported)
    import ray
    from ray.cluster_utils import Cluster

    session = f"session_drumtok_{secrets.token_hex(4)}"
    made = Cluster(initialize_head=True, head_node_args={**_node(0, session), "session_name": session})
    try:
        for _ in range(nodes):
            made.add_node(**_node(cpus, session))
        yield made
    finally:
        ray.shutdown()
        made.shutdown()


def _node(cpus: int, session: str) -> dict[str, Any]:
    """What a node is started with.

    A raylet waits 15 s for files with the ports of its agents, which start too slowly on a busy machine and do nothing
    for these tests; so the ports are chosen here, and the files are there before.
    """
    node = secrets.token_hex(28)
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in AGENTS]
    ports = {name: one.getsockname()[1] for name, one in zip(AGENTS, sockets, strict=True)}
    folder = Path("/tmp/ray", session)
    folder.mkdir(parents=True, exist_ok=True)
    for one, (name, port) in zip(sockets, ports.items(), strict=True):
        one.close()
        (folder / f"{name}_{node}").write_text(str(port))
    named = {"env_vars": {"RAY_OVERRIDE_NODE_ID_FOR_TESTING": node}}
    return {"num_cpus": cpus, "object_store_memory": STORE, "include_dashboard": False, **ports, **named}


def kill_at_work(node: Any) -> bool:
    """Ends a node and its workers if one of these is in the middle of a unit, and tells whether it did."""
    raylet = node.all_processes["raylet"][0].process.pid
    found = {int(path.name): path for path in Path("/proc").iterdir() if path.name.isdecimal()}
    pids = {pid for pid, path in found.items() if _read(path / "stat").rpartition(")")[2].split()[1:2] == [str(raylet)]}
    if not any(_read(found[pid] / "cmdline").startswith("ray::attempt_all") for pid in pids):
        return False
    for pid in (*pids, raylet):
        os.kill(pid, signal.SIGKILL)
    return True


def _read(path: Path) -> str:
    """A file of a process, empty where that has ended."""
    try:
        return path.read_text()
    except OSError:
        return ""
