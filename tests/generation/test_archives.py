"""Archives: a file depends only on its seed, not on the workers, and an interrupted run continues."""

import json
import os
import signal
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path

import pytest
from ray_cluster import cluster
from s3_bucket import objects

from drumtok.runtime.files import claim

ROOT = Path(__file__).parents[2]


def files_of(archive):
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as packed:
            return {name: packed.read(name) for name in packed.namelist()}
    with tarfile.open(archive) as packed:
        return {member.name: packed.extractfile(member).read() for member in packed}


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


PACK = ["--count", 7, "--pack-size", 3, "--bars", 2, "--seed", 5]


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_each_pattern_is_that_of_its_seed(sample, tmp_path, kind):
    done = sample(*PACK, "--pack", kind, "--jobs", 1, "--out", "many")
    assert done.exit_code == 0, done.output
    assert "7 patterns, seeds 5 to 11, in 3 archives: many" in done.output
    many = tmp_path / "many"
    names = [f"0000{n}.{kind}" for n in range(3)]
    assert sorted(os.listdir(many)) == [*names, "index.jsonl", "manifest.json", "plan.json"]
    index = [json.loads(line) for line in (many / "index.jsonl").read_text().splitlines()]
    assert [line["seed"] for line in index] == list(range(5, 12))
    for line in index:
        alone = sample("--bars", 2, "--seed", line["seed"], "--out", "alone.mid")
        assert alone.exit_code == 0, alone.output
        assert files_of(many / line["archive"])[line["file"]] == (tmp_path / "alone.mid").read_bytes()
    assert sum(len(files_of(many / name)) for name in names) == 7


def test_the_bytes_do_not_depend_on_the_workers_and_an_interrupted_run_makes_what_is_missing(sample, tmp_path):
    for jobs in (1, 2):
        assert sample(*PACK, "--pack", "zip", "--jobs", jobs, "--out", f"by-{jobs}").exit_code == 0
    whole = bytes_of(tmp_path / "by-1")
    assert bytes_of(tmp_path / "by-2") == whole
    kept = tmp_path / "by-2" / "00000.zip"
    for name in ("00001.zip", "index.jsonl", "manifest.json"):
        (tmp_path / "by-2" / name).unlink()
    made = kept.stat().st_mtime_ns
    assert sample(*PACK, "--pack", "zip", "--jobs", 1, "--out", "by-2").exit_code == 0
    assert bytes_of(tmp_path / "by-2") == whole
    assert kept.stat().st_mtime_ns == made


@pytest.mark.timeout(600)
def test_what_a_killed_run_left_is_removed_and_two_runs_do_not_write_one_folder(sample, tmp_path):
    many = tmp_path / "many"
    many.mkdir()
    (many / ".plan.json.0123abcd.part").touch()
    arguments = [*PACK, "--pack", "zip", "--jobs", 1, "--out", "many"]
    assert sample(*arguments).exit_code == 0
    whole = bytes_of(many)
    (many / "00001.zip").rename(many / ".00001.zip.0123abcd.part")
    with open(many / "plan.json", "rb") as plan:
        claim(plan, many, "run")
        refused = sample(*arguments)
        assert refused.exit_code == 2
        assert "'many' is being written by another run" in refused.output
    assert sample(*arguments).exit_code == 0
    assert bytes_of(many) == whole
    assert "plan.json" in whole


def test_archives_go_to_addresses(sample, bucket, tmp_path):
    system, root = bucket
    for _ in range(2):  # the second run has nothing left to do
        done = sample(*PACK, "--pack", "zip", "--jobs", 1, "--out", f"{root}/many")
        assert done.exit_code == 0, done.output
    assert sample(*PACK, "--pack", "zip", "--jobs", 1, "--out", "here").exit_code == 0
    assert objects(system, f"{root}/many") == bytes_of(tmp_path / "here")


@pytest.fixture
def command(small_checkpoint_path):
    """A function that starts `drumtok sample` in a process of its own."""

    def start(*arguments):
        network = ["--checkpoint", str(small_checkpoint_path), "--dynamics", "0"]
        line = [sys.executable, str(ROOT / "sample.py"), *network, *map(str, arguments)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    return start


def archives(system, root):
    """Return archive -> the time at which it was written."""
    system.invalidate_cache()
    conditioning = system.find(f"{root}/many", detail=True)
    return {name: one["LastModified"] for name, one in conditioning.items() if name.endswith(".zip")}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_cluster_continues_archives_at_an_address(sample, command, bucket, tmp_path):
    system, root = bucket
    many = ["--count", 400, "--pack-size", 20, "--bars", 4, "--seed", 5, "--pack", "zip"]
    with cluster(nodes=2) as made:  # started here, so that its workers inherit the bucket's credentials
        there = [*many, "--backend", "ray", "--address", made.address, "--out", f"{root}/many"]
        first, kept = command(*there), {}
        while len(kept) < 3 and first.poll() is None:
            kept = archives(system, root)
            time.sleep(0.2)
        first.kill()
        assert first.wait() == -signal.SIGKILL, first.communicate()[0]
        assert 3 <= len(kept) < 20
        assert not system.exists(f"{root}/many/manifest.json")
        second = command(*there)
        output = second.communicate(timeout=600)[0]
        assert second.returncode == 0, output
    assert f"400 patterns, seeds 5 to 404, in 20 archives: {root}/many" in output
    assert kept.items() <= archives(system, root).items()
    assert sample(*many, "--backend", "processes", "--jobs", 2, "--out", "here").exit_code == 0
    assert objects(system, f"{root}/many") == bytes_of(tmp_path / "here")
    assert sample("--bars", 4, "--seed", 377, "--out", "alone.mid").exit_code == 0
    (tmp_path / "18.zip").write_bytes(system.cat_file(f"{root}/many/00018.zip"))
    assert files_of(tmp_path / "18.zip")["drumtok-377.mid"] == (tmp_path / "alone.mid").read_bytes()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--pack", "zip"], "--pack requires --out"),
        (["--pack", "zip", "--out", "x", "--wav"], "--pack requires --out and cannot be combined with --wav"),
        (["--pack", "rar", "--out", "x"], "pack must be one of zip, tar, got 'rar'"),
        (["--pack-size", 5], "options of drumtok pack cannot be combined with drumtok sample"),
        (["--backend", "ray"], "options of drumtok pack cannot be combined with drumtok sample"),
        (["--pack", "zip", "--out", "x", "--count", 0], "count must be at least 1, got 0"),
        (["--pack", "zip", "--out", "no/x"], "folder 'no' does not exist"),
        (["--pack", "zip", "--out", "full"], "cannot write 'full': it exists and is not an empty folder"),
        (["--pack", "zip", "--out", "many"], "'many' holds archives made with other options, use another folder"),
    ],
)
def test_options_that_cannot_be_combined(sample, tmp_path, options, message):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").touch()
    (tmp_path / "many").mkdir()
    (tmp_path / "many" / "plan.json").write_text("{}")
    done = sample("--bars", 1, *options)
    assert (done.exit_code, message in done.output) == (2, True), done.output
