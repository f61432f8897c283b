"""A Ray cluster on this machine, for tests and benchmarks of `drumtok.runtime.workers`."""

import os
import secrets
import signal
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from drumtok.runtime.workers import Workers

STORE = 100 * 2**20  # bytes of a node's object store
AGENTS = ("metrics_agent_port", "metrics_export_port", "dashboard_agent_listen_port", "runtime_env_agent_port")
BEFORE = 3  # units that are done before the node is killed
BEGUN = "begun"
TESTS = Path(__file__).resolve().parent


@contextmanager
def cluster(nodes: int = 2, cpus: int = 1) -> Iterator[Any]:
    """Start a Ray `Cluster`: the first node, with the driver, has no worker; the `worker_nodes` can be killed."""
    folders = [str(folder) for folder in TESTS.rglob("*") if folder.is_dir() and folder.name != "__pycache__"]
    known = (str(TESTS.parent), str(TESTS), *folders, os.environ.get("PYTHONPATH", ""))
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, known))  # for the workers
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
    """Return the settings that a node is started with.

    A raylet waits up to 15 s for its agents, which are not used here, to write their ports to files. On a busy machine
    they are too slow, so the ports are chosen and written before the node starts.
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


@dataclass(frozen=True)
class Doomed(Workers):
    """The workers of a cluster, one node of which is killed in the middle of a unit, after others are done.

    Attributes:
        node: the id of that node, which never finishes the unit that it then begins.
        marks: a folder with a file for each unit that is done, and the file `BEGUN` once the last unit has begun.
    """

    node: str = ""
    marks: Path = Path()

    def map(self, work: Callable[[Any], Any], units: Iterable[Any], again: Callable[[int, str], object]) -> Any:
        """Map like `Workers.map`."""
        return super().map(partial(_doomed, work, self.node, self.marks), units, again)


def _doomed(work: Callable[[Any], Any], node: str, marks: Path, unit: Any) -> Any:
    import ray

    here = ray.get_runtime_context().get_node_id()
    while len(list(marks.iterdir())) >= BEFORE and not (here != node and (marks / BEGUN).exists()):
        if here == node:
            (marks / BEGUN).touch()
        time.sleep(0.01)
    made = work(unit)
    (marks / secrets.token_hex(8)).touch()
    return made


def kill_at_work(node: Any, marks: Path) -> bool:
    """Kill a node and its workers once it has begun a unit of `Doomed`; return False if it never does."""
    until = time.monotonic() + 600
    while not (marks / BEGUN).exists():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    raylet = node.all_processes["raylet"][0].process.pid
    found = {int(path.name): path for path in Path("/proc").iterdir() if path.name.isdecimal()}
    pids = [pid for pid, path in found.items() if _read(path / "stat").rpartition(")")[2].split()[1:2] == [str(raylet)]]
    for pid in (*pids, raylet):
        os.kill(pid, signal.SIGKILL)
    return True


def _read(path: Path) -> str:
    """Return a file of a process, empty if the process has ended."""
    try:
        return path.read_text()
    except OSError:
        return ""
