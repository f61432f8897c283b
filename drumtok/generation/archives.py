"""Archives of many MIDI files with an index, made by parallel workers, each pattern from its seed alone.

A folder or an address holds `00000.zip` and so on, `plan.json`, and, once all are written, `index.jsonl` with a line
for each pattern, and `manifest.json`, a copy of the plan. An archive is written whole or not at all, so a run that was
interrupted continues with the missing ones.
"""

import io
import json
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from drumtok.errors import DrumtokError
from drumtok.generation.config import ZIP, ExpressionConfig, PackConfig
from drumtok.generation.generate import generate_with
from drumtok.generation.provenance import Provenance
from drumtok.generation.sources import NO_SOURCES, Sources
from drumtok.midi.files import to_midi_bytes
from drumtok.midi.writer import MidiConfig
from drumtok.runtime.files import claim, remove_partials, write_atomically
from drumtok.runtime.remote import address, is_remote, is_there, names_below, put_file, read_remote
from drumtok.runtime.retries import Failed
from drumtok.runtime.workers import Workers
from drumtok.sampling.config import SamplingConfig
from drumtok.version import __version__

PLAN, INDEX, MANIFEST = "plan.json", "index.jsonl", "manifest.json"


class Archive(NamedTuple):
    """One archive: its number and the seeds of its patterns."""

    number: int
    seeds: range


@dataclass(frozen=True)
class PatternJob:
    """Everything that determines the file of a pattern except its seed."""

    checkpoint: Path
    config: SamplingConfig
    expression: ExpressionConfig
    writing: MidiConfig
    how: Provenance
    sources: Sources = NO_SOURCES

    def midi(self, seed: int) -> bytes:
        """Return the bytes of the file that `drumtok sample --seed` writes."""
        made = generate_with(
            self.config, seed, sources=self.sources, expression=self.expression, checkpoint=self.checkpoint
        )
        text = self.how.led_by("--seed", str(seed)).text
        return to_midi_bytes(made, text=text, **asdict(self.writing))


def write_archives(
    out: Path,
    job: PatternJob,
    packing: PackConfig,
    seeds: range,
    workers: Workers,
    on_progress: Callable[[int, int], object] = lambda done, before: None,
    on_retry: Callable[[str, str], object] = lambda name, why: None,
) -> int:
    """Write the missing archives, then the index and the manifest.

    Args:
        seeds: the seed of each pattern, in steps of 1.
        on_progress: called with the number of finished patterns, and how many of them an earlier run finished.
        on_retry: called with the name of an archive that is retried, and why.

    Returns:
        The number of archives.

    Raises:
        DrumtokError: `out` holds other files, or cannot be written.
    """
    kind, size = packing.pack or ZIP, packing.pack_size
    starts = range(seeds.start, seeds.stop, size)
    every = [Archive(number, range(at, min(at + size, seeds.stop))) for number, at in enumerate(starts)]
    plan = {"drumtok": __version__, "first": seeds.start, "count": len(seeds), "archives": len(every)}
    plan |= {"kind": kind, "size": size, "made": job.how.text}
    data = (json.dumps(plan, indent=1) + "\n").encode()
    there = _begun(out, data, kind)
    todo = [archive for archive in every if _name(archive, kind) not in there]
    with _claimed(out):
        before = done = len(seeds) - sum(len(archive.seeds) for archive in todo)
        on_progress(done, before)

        def retried(number: int, why: str) -> None:
            on_retry(_name(todo[number], kind), why)

        for archive, made in zip(todo, workers.map(partial(_make, out, job, kind), todo, retried), strict=True):
            if isinstance(made, Failed):
                raise DrumtokError(f"cannot write archive {_name(archive, kind)!r}: {made.why}")
            done += len(archive.seeds)
            on_progress(done, before)
        _write(out / INDEX, _index(every, kind))
        _write(out / MANIFEST, iter([data]))
    return len(every)


def _begun(out: Path, plan: bytes, kind: str) -> set[str]:
    """Return the names of finished archives; write the plan in a new folder."""
    far = is_remote(out)
    if not far:
        if not out.parent.is_dir():
            raise DrumtokError(f"cannot write {str(out)!r}: folder {str(out.parent)!r} does not exist")
        try:
            out.mkdir(exist_ok=True)
        except OSError as error:
            raise DrumtokError(f"cannot write {str(out)!r}: {error.strerror or error}") from error
    old = out / PLAN
    if not (is_there(old) if far else old.is_file()):
        if not far:
            remove_partials(out, PLAN)
        if is_there(out) if far else any(out.iterdir()):
            raise DrumtokError(f"cannot write {address(out)!r}: it exists and is not an empty folder")
        _write(old, iter([plan]))
        return set()
    if (read_remote(old) if far else old.read_bytes()) != plan:
        raise DrumtokError(f"{address(out)!r} holds archives made with other options, use another folder")
    return set(names_below(out, (kind,), top_only=True)) if far else {path.name for path in out.glob(f"*.{kind}")}


@contextmanager
def _claimed(out: Path) -> Iterator[None]:
    """Lock a local folder against other runs, and remove the remains of a killed run."""
    if is_remote(out):
        yield
        return
    with open(out / PLAN, "rb") as plan:
        claim(plan, out, "run")
        remove_partials(out)
        yield


def _name(archive: Archive, kind: str) -> str:
    return f"{archive.number:05}.{kind}"


def _make(out: Path, job: PatternJob, kind: str, archive: Archive) -> None:
    """Make one archive without times or paths, so that its bytes only depend on its patterns."""
    file = io.BytesIO()
    made = ((f"drumtok-{seed}.mid", job.midi(seed)) for seed in archive.seeds)
    if kind == ZIP:
        with zipfile.ZipFile(file, "w") as packed:
            for name, data in made:
                packed.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    else:
        with tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as tape:
            for name, data in made:
                member = tarfile.TarInfo(name)
                member.size = len(data)
                tape.addfile(member, io.BytesIO(data))
    _write(out / _name(archive, kind), iter([file.getvalue()]))


def _index(every: list[Archive], kind: str) -> Iterator[bytes]:
    """Yield the lines of one archive at a time."""
    for archive in every:
        name = _name(archive, kind)
        lines = [{"seed": seed, "archive": name, "file": f"drumtok-{seed}.mid"} for seed in archive.seeds]
        yield "".join([json.dumps(line) + "\n" for line in lines]).encode()


def _write(path: Path, pieces: Iterator[bytes]) -> None:
    """Write a file in a folder or at an address, whole or not at all."""
    if not is_remote(path):
        write_atomically(path, pieces)
        return
    with tempfile.TemporaryDirectory() as folder:
        write_atomically(Path(folder, path.name), pieces)
        put_file(Path(folder, path.name), path)
