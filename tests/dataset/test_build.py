"""Building a corpus: worker processes, resuming, unusable sources, weights, parts and splits."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from midi_bytes import make_midi

from drumtok.cli.main import main
from drumtok.dataset.build import NEW, suited
from drumtok.dataset.config import CorpusConfig
from drumtok.dataset.corpus import REPORT, SPLITS, build_corpus
from drumtok.dataset.fit import fitting
from drumtok.dataset.sources import Source, open_source
from drumtok.errors import DrumtokError
from drumtok.midi.drums_config import DrumsConfig
from drumtok.pattern import Pattern
from drumtok.runtime.workers import Workers
from drumtok.tokenizer.readers import Item
from drumtok.tokenizer.text import format_grooves, format_song
from drumtok.tokenizer.tokens import from_ids, to_ids

BAR = "x---x---x---x---"
ROOT = Path(__file__).parents[2]


def patterns(count, seed=0, bars=2):
    """Return random patterns without a common bar."""
    hits = np.random.default_rng(seed).random((count, 16 * bars, 9)) < 0.15
    return [replace(from_ids(np.array([0] * 16 + [512])), hits=h, velocity=h * 90, offset=None) for h in hits]


def write_midi_folder(folder, count, seed=0):
    """Write random files, some of which are not read in bulk; return their source."""
    rng = np.random.default_rng(seed)
    folder.mkdir(exist_ok=True)
    for number in range(count):
        hits = np.argwhere(rng.random((64, 9)) < 0.2).tolist()
        notes = [(120 * step, (36, 38, 42, 46, 41, 45, 48, 51, 49)[drum]) for step, drum in hits]
        meters = [(0, 4, 4), (3840, 3, 4)] if number % 7 == 3 else []
        (folder / f"{number:03}.mid").write_bytes(b"no" if number % 11 == 5 else make_midi(notes, meters=meters))
    return open_source(str(folder))


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def songs_of(corpus):
    """Return name -> (split, ids) of every song."""
    return {
        line["name"]: (split, corpus.split(split).song(number).tolist())
        for split in SPLITS
        for number, line in enumerate(corpus.songs[split])
    }


def report_of(corpus):
    return {line["file"]: line for line in map(json.loads, (corpus.folder / REPORT).read_text().splitlines())}


def run(*options):
    return CliRunner().invoke(main, list(map(str, options)))


# Many files


@pytest.mark.parametrize("config", [CorpusConfig(), CorpusConfig(meter="any", grid=8), CorpusConfig(meter="3/4")])
def test_many_files_together_give_what_one_by_one_gives(tmp_path, config):
    source = write_midi_folder(tmp_path / "in", 40)
    (tmp_path / "in" / "012 and a half.grid").write_text(f"kick |{BAR}|")
    corpus = build_corpus(tmp_path / "out", [source], config)
    items = [fitting(item, config) for item in source.items(config.grid)]
    stored = {name: [] for name in SPLITS}
    report = report_of(corpus)
    assert list(report) == [item.name for item in items]
    for item in items:
        line = report[item.name]
        assert (line.pop("source"), bool(line["split"])) == ("in", bool(item.patterns))
        stored.get(line.pop("split"), []).extend((item, pattern) for pattern in item.patterns)
        assert line == json.loads(json.dumps(item.report()))
    for name in SPLITS:
        split, lines = corpus.split(name), corpus.songs[name]
        assert len(split) == len(lines) == len(stored[name])
        for number, (line, (item, pattern)) in enumerate(zip(lines, stored[name], strict=True)):
            assert split.song(number).tolist() == to_ids(pattern).tolist()
            assert (line["name"], line["tempo"], line["bars"]) == (item.name, pattern.tempo, pattern.bars)
            assert (line["words"], line["meter"]) == (split.lengths[number], "{}/{}".format(*pattern.meter))
    assert corpus.manifest["items"] == Counter(item.status for item in items)


def test_the_bytes_do_not_depend_on_the_processes(tmp_path):
    source = write_midi_folder(tmp_path / "in", 30)
    build_corpus(tmp_path / "one", [source])
    build_corpus(tmp_path / "two", [source], workers=Workers(jobs=2), unit_files=4)
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")


def test_one_process_reads_few_files(tmp_path):
    source = write_midi_folder(tmp_path / "in", 6)
    assert suited(Workers(), [source], few=6) == Workers(jobs=1)
    assert suited(Workers(), [source, source], few=6) == Workers()
    assert suited(Workers(jobs=3), [source], few=6) == Workers(jobs=3)
    assert suited(Workers("ray"), [source], few=6) == Workers("ray")


def test_a_long_text_is_read_in_chunks(tmp_path):
    songs = [replace(pattern, name=f"song-{n}") for n, pattern in enumerate(patterns(12))]
    (tmp_path / "songs.txt").write_text("\n\n".join(map(format_song, songs)), newline="\n")
    whole = build_corpus(tmp_path / "whole", [open_source(str(tmp_path / "songs.txt"))])
    source = replace(open_source(str(tmp_path / "songs.txt")), text_chunk=1000)
    chunks = list(source.files())
    assert len(chunks) > 3
    assert b"".join(chunk.read() for chunk in chunks) == (tmp_path / "songs.txt").read_bytes()
    parted = build_corpus(tmp_path / "parted", [source])
    assert songs_of(parted) == songs_of(whole)
    assert len(songs_of(whole)) == 12
    lines = (tmp_path / "songs.txt").read_text().splitlines()
    (tmp_path / "songs.txt").write_text("\n".join([*lines, "0b1 BAR"]))
    wrong = build_corpus(tmp_path / "wrong", [replace(source, path=tmp_path / "songs.txt")])
    assert songs_of(wrong) == songs_of(whole)
    last = report_of(wrong)["songs.txt"]
    assert (last["status"], last["reason"]) == (
        "skipped",
        "line 24: word 1 must be 0b with 9 binary digits, or BAR, got '0b1'",
    )


def test_the_papers_one_long_line_is_a_song(tmp_path):
    (tmp_path / "paper.txt").write_text(" ".join(f"{'0b100000000 ' * 16}BAR" for _ in range(50)))
    corpus = build_corpus(tmp_path / "out", [open_source(str(tmp_path / "paper.txt"))])
    assert corpus.manifest["splits"]["train"] == {"songs": 1, "bars": 50, "words": 850}


# Resuming


class Stopped(BaseException):
    """Interrupts a build like Ctrl-C, which is not caught as an error."""


def build_until(files, out, source, **arguments):
    """Start a build, and stop it once a number of files is done."""

    def on_progress(done, before):
        if done >= files:
            raise Stopped

    with pytest.raises(Stopped):
        build_corpus(out, [source], unit_files=4, on_progress=on_progress, **arguments)


@pytest.mark.parametrize("units", [0, 1, 5])
def test_a_build_that_was_stopped_resumes(tmp_path, units):
    source = write_midi_folder(tmp_path / "in", 30)
    build_corpus(tmp_path / "whole", [source], unit_files=4)
    build_until(4 * units, tmp_path / "out", source)
    assert not (tmp_path / "out").exists()
    progress = []
    build_corpus(tmp_path / "out", [source], unit_files=4, on_progress=lambda *files: progress.append(files))
    assert len(progress) - 1 == 8 - units
    assert (progress[0], progress[-1]) == ((4 * units, 4 * units), (30, 4 * units))
    assert bytes_of(tmp_path / "out") == bytes_of(tmp_path / "whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "out", "whole"]


@pytest.mark.parametrize("change", ["a file", "the config", "a source"])
def test_only_the_same_build_resumes(tmp_path, change):
    source, config = write_midi_folder(tmp_path / "in", 30), CorpusConfig()
    build_until(20, tmp_path / "out", source)
    if change == "a file":
        (tmp_path / "in" / "001.mid").write_bytes((tmp_path / "in" / "002.mid").read_bytes())
    elif change == "the config":
        config = CorpusConfig(grid=8)
    else:
        source = replace(source, drums=DrumsConfig("td11"))
    progress = []
    corpus = build_corpus(
        tmp_path / "out", [source], config, unit_files=4, on_progress=lambda *files: progress.append(files)
    )
    assert len(progress) - 1 == 8
    assert songs_of(corpus) == songs_of(build_corpus(tmp_path / "whole", [source], config))


def test_a_killed_build_keeps_the_old_corpus_and_resumes(tmp_path):
    source = write_midi_folder(tmp_path / "in", 300)
    old = bytes_of(build_corpus(tmp_path / "out", [write_midi_folder(tmp_path / "old", 9, seed=1)]).folder)
    code = (
        "import sys, drumtok.runtime.resumable\n"
        "from drumtok.dataset.corpus import build_corpus\nfrom drumtok.dataset.sources import open_source\n"
        "drumtok.runtime.resumable.SAVE_SECONDS = 0\n"
        "on_progress = lambda done, before: (print(done, flush=True), done > 40 and sys.stdin.read())\n"
        "build_corpus(sys.argv[1], [open_source(sys.argv[2])], on_progress=on_progress, unit_files=4)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "out"), str(tmp_path / "in")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        while int(process.stdout.readline()) <= 40:
            pass
        with pytest.raises(DrumtokError, match="is being written by another run"):
            build_corpus(tmp_path / "out", [source])
        process.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
    assert bytes_of(tmp_path / "out") == old
    progress = []
    build_corpus(tmp_path / "out", [source], unit_files=4, on_progress=lambda *files: progress.append(files))
    assert progress[0][1] >= 40
    assert bytes_of(tmp_path / "out") == bytes_of(build_corpus(tmp_path / "whole", [source]).folder)


def test_a_kill_between_the_two_renames_loses_nothing(tmp_path, monkeypatch):
    source = write_midi_folder(tmp_path / "in", 9)
    old = bytes_of(build_corpus(tmp_path / "out", [source]).folder)
    rename = Path.rename

    def stop(self, target):
        if self.name == NEW:
            raise Stopped
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", stop)
        with pytest.raises(Stopped):
            build_corpus(tmp_path / "out", [source])
    assert not (tmp_path / "out").exists()
    (tmp_path / "broken.txt").write_text("BAR")
    with pytest.raises(DrumtokError, match=r"because: line 1"):
        build_corpus(tmp_path / "out", [open_source(str(tmp_path / "broken.txt"))])
    assert bytes_of(tmp_path / "out") == old


# Splits


def test_copies_stay_in_one_split(tmp_path):
    for copy in range(5):
        write_midi_folder(tmp_path / f"kit {copy}", 20)
    sources = [open_source(str(tmp_path / f"kit {copy}")) for copy in range(5)]
    corpus = build_corpus(tmp_path / "out", sources, CorpusConfig(meter="any"))
    assert all(len(corpus.split(name)) for name in SPLITS)
    split_of, cluster_of = {}, {}
    for split in SPLITS:
        for song in corpus.songs[split]:
            assert split_of.setdefault(song["name"], split) == split
            cluster_of.setdefault((song["name"], song["meter"]), set()).add(song["cluster"])
    assert {len(clusters) for clusters in cluster_of.values()} == {1}
    assert corpus.manifest["leaks"]["misplaced"] == 0
    rule = corpus.manifest["split_rule"]
    assert rule["songs_with_near_duplicates"] == sum(s["songs"] for s in corpus.manifest["splits"].values())


def test_folders_may_name_the_splits(tmp_path):
    for folder, split in (("Train", "train"), ("valid", "validation"), ("test", "test")):
        (tmp_path / "in" / folder / "deep").mkdir(parents=True)
        grooves = patterns(3, seed=len(split))
        (tmp_path / "in" / folder / "deep" / f"{split}.grid").write_text(format_grooves(grooves))
    corpus = build_corpus(tmp_path / "out", [open_source(str(tmp_path / "in"))])
    assert {(name.split("/")[2][:-7], split) for name, (split, _) in songs_of(corpus).items()} == {
        (s, s) for s in SPLITS
    }
    (tmp_path / "in" / "more.grid").write_text(f"kick |{BAR}|")  # a file outside the folders of the splits
    assert {file.split for file in open_source(str(tmp_path / "in")).files()} == {""}


def test_a_text_may_name_the_splits_and_other_songs_follow_their_copies(tmp_path):
    songs = patterns(8)
    lines = [format_song(song, split="test" if n < 3 else "train") for n, song in enumerate(songs)]
    (tmp_path / "official.txt").write_text("\n".join(lines))
    (tmp_path / "free.txt").write_text("\n".join(map(format_song, songs)))
    corpus = build_corpus(tmp_path / "out", [open_source(str(tmp_path / f"{n}.txt")) for n in ("official", "free")])
    splits = {name: split for name, (split, _) in songs_of(corpus).items()}
    assert [splits[f"free.txt#{n}"] for n in range(1, 9)] == ["test"] * 3 + ["train"] * 5
    assert corpus.manifest["split_rule"]["official"] == 8


def test_a_part_is_in_one_split_only(tmp_path):
    songs = patterns(36)
    parts = [(f"kick-{n % 6}", f"snare-{n // 6}") for n in range(36)]
    (tmp_path / "loops.txt").write_text("\n".join(map(format_song, songs, parts)))
    corpus = build_corpus(tmp_path / "out", [open_source(str(tmp_path / "loops.txt"))])
    split_of = {}
    for split in SPLITS:
        for song in corpus.songs[split]:
            assert all(split_of.setdefault(part, split) == split for part in song["parts"])
    assert [len(corpus.split(name)) for name in SPLITS] == [16, 1, 1]
    skipped = [line for line in report_of(corpus).values() if line["status"] == "skipped"]
    assert len(skipped) == corpus.manifest["split_rule"]["left_out"] == corpus.manifest["items"]["skipped"] == 18
    assert {line["reason"] for line in skipped} == {"left out: its parts, or loops like it, are in different splits"}
    assert {(line["split"], line["bars"]) for line in skipped} == {("", 0)}


def test_loops_of_unknown_parts_that_leak_are_refused(tmp_path):
    """The songs share all windows of two bars, which is the only evidence that they are related."""
    bars = [to_ids(pattern)[:34] for pattern in patterns(40)]
    rng = np.random.default_rng(0)
    songs = [np.concatenate([bars[i] for i in rng.integers(0, 40, 8)]) for _ in range(60)]
    (tmp_path / "loops.txt").write_text("\n".join(format_song(from_ids(ids)) for ids in songs))
    with pytest.raises(
        DrumtokError, match=r"the splits leak: .*windows of two bars occur in training, .*PARTS or SPLIT"
    ):
        build_corpus(tmp_path / "out", [open_source(str(tmp_path / "loops.txt"))])
    assert [path.name for path in tmp_path.iterdir()] == ["loops.txt"]


def test_another_seed_gives_another_split(tmp_path):
    source = write_midi_folder(tmp_path / "in", 30)
    splits = [
        {n: s for n, (s, _) in songs_of(build_corpus(tmp_path / "o", [source], c)).items()}
        for c in map(seeded, range(2))
    ]
    assert splits[0] != splits[1]
    assert Counter(splits[0].values()) == Counter(splits[1].values())


def seeded(seed):
    return CorpusConfig(meter="4/4", seed=seed)


# Weights


def test_weights_are_those_of_the_sources(tmp_path):
    one = write_midi_folder(tmp_path / "one", 12)
    two = replace(write_midi_folder(tmp_path / "two", 15, seed=2), weight=2.5)
    corpus = build_corpus(tmp_path / "out", [one, two])
    assert [source["weight"] for source in corpus.manifest["sources"]] == [1, 2.5]
    for split in SPLITS:
        weights = corpus.split(split).weights
        assert weights.dtype == np.float32
        expected = [2.5 if song["source"] == "two" else 1 for song in corpus.songs[split]]
        assert weights.tolist() == expected
        assert len(set(expected)) == 2


@pytest.mark.parametrize("weight", [0, -1, float("nan"), float("inf")])
def test_a_weight_is_above_0(tmp_path, weight):
    with pytest.raises(DrumtokError, match=rf"weight of source 'mine' must be a finite number above 0, got {weight}"):
        Source("mine", tmp_path, weight=weight)


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        ("other=2", "--weight must be SOURCE=NUMBER of starter, got 'other=2'"),
        ("starter=much", "--weight of starter must be a number above 0, got 'much'"),
        ("starter=0", "weight of source 'starter' must be a finite number above 0, got 0.0"),
        ("starter", "--weight must be SOURCE=NUMBER of starter, got 'starter'"),
    ],
)
def test_a_wrong_weight_is_one_line(tmp_path, weight, message):
    result = run("corpus", "build", tmp_path / "out", "starter", "--weight", weight)
    assert (result.exit_code, message in result.output, result.output.count("\n")) == (2, True, 1)


# Unusable sources


def html(folder):
    (folder / "index.html").write_text("<html></html>")
    return "must hold a file that ends in .mid, .midi, .rmi, .txt, .grid"


def triplets(folder):
    lines = [f"NAME=swing-{n} GRID=12\nride |x-xx-xx-xx-x|\nkick |x--x--x--x-{'x' * (n > 0) or '-'}|" for n in range(3)]
    (folder / "a.grid").write_text("\n\n".join(lines))
    return (
        "source 'in' clashes with a corpus of grid 4: a.grid: line 1: 4 hits lie between the steps of the corpus's "
        "grid, as in most of its songs: build it separately with another --grid, or leave it out"
    )


def nothing(folder):
    return "must hold a file that ends in"


@pytest.mark.parametrize("wrong", [nothing, html, triplets])
def test_a_wrong_source_is_one_line_and_nothing_is_written(tmp_path, wrong):
    (tmp_path / "in").mkdir()
    message = wrong(tmp_path / "in")
    others = ["starter"] * (wrong is triplets)
    result = run("corpus", "build", tmp_path / "out", *others, tmp_path / "in")
    assert (result.exit_code, result.output.count("\n")) == (2, 1)
    assert message in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


@pytest.mark.parametrize("wrong", [nothing, html])
def test_a_source_without_songs_is_skipped_beside_others(tmp_path, wrong):
    (tmp_path / "in").mkdir()
    message = wrong(tmp_path / "in")
    result = run("corpus", "build", tmp_path / "out", "starter", tmp_path / "in")
    assert result.exit_code == 0, result.output
    assert result.stderr.startswith("skipped ")
    assert message in result.stderr
    gone = run("corpus", "build", tmp_path / "out", "starter", tmp_path / "gone")
    assert (gone.exit_code, "existing folder, zip or file" in gone.stderr) == (2, True)


def test_some_triplets_are_moved_to_the_nearest_step_and_reported(tmp_path):
    grooves = format_grooves(patterns(4)) + "\nNAME=swing GRID=12\nride |x-xx-xx-xx-x|\n"
    (tmp_path / "mixed.grid").write_text(grooves)
    report = report_of(build_corpus(tmp_path / "out", [open_source(str(tmp_path / "mixed.grid"))]))
    line = report["mixed.grid#swing"]
    heads = [n for n, text in enumerate(grooves.splitlines(), 1) if "NAME=swing" in text]
    assert line["status"] == "read"
    assert line["reason"] == f"line {heads[0]}: 4 hits lie between the steps of the corpus's grid"
    assert {other["reason"] for other in report.values()} == {"", line["reason"]}


@pytest.mark.parametrize(
    ("grid", "pattern", "moved"),
    [
        (4, Pattern.from_grid("kick |x-xx-xx-xx-x|", grid=3), 4),
        (4, Pattern.from_grid("kick |x--x--x--x--|", grid=3), 0),  # one hit on each beat
        (4, Pattern.from_grid(f"kick |{'x--' * 8}|", grid=6), 0),  # eighths
        (3, Pattern.from_grid(f"kick |{BAR}|"), 0),
        (3, Pattern.from_grid("kick |x-x---x---x---x-|"), 4),
        (4, Pattern.from_grid(f"kick |{'xx--' * 8}|", grid=8), 0),  # rolls lose hits, which does not count as a clash
    ],
)
def test_triplets_clash_with_sixteenths_and_the_other_way_round(grid, pattern, moved):
    reason = fitting(Item("a", (pattern,), line=7), CorpusConfig(grid=grid)).reason
    assert reason == (f"line 7: {moved} hits lie between the steps of the corpus's grid" if moved else "")


def test_held_out_songs_only_are_an_error(tmp_path):
    (tmp_path / "a.txt").write_text(format_song(patterns(1)[0], split="test"))
    with pytest.raises(DrumtokError, match="no song is left for training: all are held out"):
        build_corpus(tmp_path / "out", [open_source(str(tmp_path / "a.txt"))])


# The manifest


def test_the_manifest_counts_words_and_sources(tmp_path):
    (tmp_path / "a.txt").write_text(
        "\n".join(
            f"NAME={n} SPLIT={split} {' '.join(words)} BAR"
            for n, (split, words) in enumerate(
                [
                    ("train", ["0b100000000", "0b010000000"] * 8),
                    ("validation", ["0b100000000", "0b000000001"] * 8),
                    ("test", ["0b000000011", "0b000000001"] * 8),
                ]
            )
        )
    )
    manifest = build_corpus(tmp_path / "out", [open_source(str(tmp_path / "a.txt"))]).manifest
    assert manifest["vocabulary"] == {
        "train": {"words": 2, "not_in_training": 0},
        "validation": {"words": 2, "not_in_training": 1},
        "test": {"words": 2, "not_in_training": 2},
    }
    assert manifest["sources"][0]["splits"] == manifest["splits"]


def test_info_shows_a_corpus(tmp_path):
    pytest.importorskip("matplotlib")
    songs = [replace(song, style=f"style-{n % 3}", tempo=60 + n) for n, song in enumerate(patterns(40))]
    (tmp_path / "a.txt").write_text("\n".join(map(format_song, songs)))
    assert run("corpus", "build", tmp_path / "out", tmp_path / "a.txt").exit_code == 0
    table = run("corpus", "info", tmp_path / "out", "--png", tmp_path / "a.png")
    assert table.exit_code == 0, table.output
    assert all(word in table.output for word in ("style-2", "a.txt", "tempo 60 to 99", "different hit"))
    assert (tmp_path / "a.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    info = json.loads(run("corpus", "info", tmp_path / "out", "--json").output)
    assert info["tempi"] == [60, 79.5, 99]
    assert {style: sum(splits.values()) for style, splits in info["styles"].items()} == {
        "style-0": 14,
        "style-1": 13,
        "style-2": 13,
    }
    density = np.stack([song.hits.reshape(-1, 16, 9) for song in songs]).mean(axis=(0, 1)).T
    assert np.allclose(info["density"], density)
    wrong = run("corpus", "info", tmp_path / "nowhere")
    assert (wrong.exit_code, "is not a corpus" in wrong.output) == (2, True)
