"""Corpora: from sources to splits and shards, and the report."""

import json
import zipfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from midi_bytes import make_midi

from drumtok.dataset.build import NEW, Build
from drumtok.dataset.config import CorpusConfig
from drumtok.dataset.corpus import MANIFEST, REPORT, SPLITS, build_corpus, default_corpus, open_corpus
from drumtok.dataset.leakage.limits import LeakLimits
from drumtok.dataset.manifests import load_manifest
from drumtok.dataset.sources import Source, open_source
from drumtok.errors import DrumtokError
from drumtok.runtime.files import DATA_VARIABLE
from drumtok.tokenizer.labels import Conditioning
from drumtok.tokenizer.text import format_song
from drumtok.tokenizer.tokens import BAR_ID, from_ids, ids_to_hits, to_ids

BAR = "x---x---x---x---"


def write_grooves(folder, count, name="g.grid", start=0):
    """Write a file of different grooves, and return its source."""
    folder.mkdir(exist_ok=True)
    grooves = []
    for number in range(start, start + count):
        digits = f"{number:09b}".replace("0", "-").replace("1", "o")
        controls = f"NAME=groove-{number} STYLE=s{number % 3} TEMPO={80 + number}"
        grooves.append(f"{controls}\nkick |{BAR}|\nride |{digits:-<16}|")
    (folder / name).write_text("\n\n".join(grooves) + "\n")
    return open_source(str(folder))


def songs_of(corpus):
    """Return name -> (split, ids) of every song."""
    songs = {}
    for split in SPLITS:
        stored, lines = corpus.split(split), corpus.songs[split]
        assert len(stored) == len(lines)
        assert stored.lengths.tolist() == [line["words"] for line in lines]
        for number, line in enumerate(lines):
            assert line["split"] == split
            ids = stored.song(number)
            hits = Fraction(int(ids_to_hits(ids[ids != BAR_ID]).sum()) * corpus.grid, int((ids != BAR_ID).sum()))
            expected = Conditioning(
                line["kind"], line["style"], line["tempo"], line["source"], float(hits), line["meter"]
            )
            assert stored.conditioning(number) == expected
            songs[line["name"]] = (split, stored.song(number).tolist())
    return songs


def report_of(corpus):
    lines = (corpus.folder / REPORT).read_text().splitlines()
    return {line["file"]: line for line in map(json.loads, lines)}


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_every_song_comes_back(tmp_path):
    source = write_grooves(tmp_path / "in", 30)
    corpus = build_corpus(tmp_path / "out", [source])
    songs = songs_of(corpus)
    assert len(songs) == 30
    for item in source.items(4):
        (pattern,) = item.patterns
        assert songs[item.name][1] == to_ids(pattern).tolist()
    (line,) = [line for lines in corpus.songs.values() for line in lines if line["name"] == "g.grid#groove-7"]
    assert {k: v for k, v in line.items() if k != "split"} == {
        "source": "in",
        "name": "g.grid#groove-7",
        "style": "s1",
        "kind": "beat",
        "tempo": 87.0,
        "meter": "4/4",
        "bars": 1,
        "words": 17,
        "parts": [],
        "cluster": 7,
        "official": False,
    }
    assert corpus.grid == 4
    assert open_corpus(str(tmp_path / "out")).manifest == corpus.manifest


def test_the_manifest_of_a_corpus(tmp_path):
    source = write_grooves(tmp_path / "in", 20)
    manifest = build_corpus(tmp_path / "out", [source]).manifest
    config = {"grid": 4, "meter": "4/4", "note_map": "gm", "channel": None, "track": None, "seed": 0}
    assert manifest["config"] == config
    assert manifest["splits"] == {
        "train": {"songs": 16, "bars": 16, "words": 272},
        "validation": {"songs": 2, "bars": 2, "words": 34},
        "test": {"songs": 2, "bars": 2, "words": 34},
    }
    assert manifest["items"] == {"read": 20}
    (line,) = manifest["sources"]
    assert line.pop("splits") == manifest["splits"]
    assert line == {"name": "in", "sha256": source.digest(), "licence": "", "note_map": "gm", "weight": 1.0}


def test_songs_are_mapped_from_disk(tmp_path):
    song = build_corpus(tmp_path / "out", [write_grooves(tmp_path / "in", 3)]).split("train").song(0)
    assert song.dtype == np.uint16
    assert isinstance(song, np.memmap) or isinstance(song.base, np.memmap)


# Splits


@pytest.mark.parametrize(
    ("count", "splits"),
    [(1, (1, 0, 0)), (2, (2, 0, 0)), (3, (1, 1, 1)), (4, (2, 1, 1)), (10, (8, 1, 1)), (40, (32, 4, 4))],
)
def test_a_tenth_goes_to_each_of_validation_and_test(tmp_path, count, splits):
    corpus = build_corpus(tmp_path / "out", [write_grooves(tmp_path / "in", count)])
    assert tuple(len(corpus.split(name)) for name in SPLITS) == splits


def test_the_split_does_not_depend_on_the_order_of_the_files(tmp_path):
    one = write_grooves(tmp_path / "one", 30)
    lines = (tmp_path / "one" / "g.grid").read_text().strip().split("\n\n")
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "g.grid").write_text("\n\n".join(reversed(lines)))
    first = songs_of(build_corpus(tmp_path / "first", [one]))
    second = songs_of(build_corpus(tmp_path / "second", [open_source(str(tmp_path / "two"))]))
    assert first == second


def make_groove_zip(path, count=12):
    """Write a zip laid out like the Groove MIDI Dataset; return file -> official split."""
    rows, splits = ["drummer,id,style,bpm,beat_type,time_signature,midi_filename,split"], {}
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(count):
            split = ("train", "train", "train", "validation", "test", "test")[number % 6]
            name = f"drummer1/session1/{number}_funk_{90 + number}_beat_4-4.mid"
            rows.append(f"drummer1,d/{number},funk/groove{number},{90 + number},beat,4-4,{name},{split}")
            archive.writestr(f"groove/{name}", make_midi([(0, 36), (120 * number, 38)], meters=[(0, 4, 4)]))
            splits[f"groove/{name}"] = split
        archive.writestr("groove/info.csv", "\n".join(rows))
        archive.writestr("groove/README", "not music")
    return splits


def test_official_splits_are_kept(tmp_path, monkeypatch):
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    splits = make_groove_zip(load_manifest("groove").path)
    corpus = build_corpus(tmp_path / "out", [open_source("groove")])
    assert {name: split for name, (split, _) in songs_of(corpus).items()} == splits
    assert {song["style"] for song in corpus.songs["test"]} == {"funk"}
    assert corpus.manifest["sources"][0]["note_map"] == "td11"


def test_each_source_is_split_by_itself(tmp_path):
    one = write_grooves(tmp_path / "one", 10)
    two = write_grooves(tmp_path / "two", 2, start=100)
    corpus = build_corpus(tmp_path / "out", [one, two])
    songs = songs_of(corpus)
    alone = songs_of(build_corpus(tmp_path / "alone", [one]))
    assert {name: song for name, song in songs.items() if name in alone} == alone
    assert [songs[f"g.grid#groove-{n}"][0] for n in (100, 101)] == ["train", "train"]


# Shards and files


def test_the_same_sources_give_the_same_bytes(tmp_path):
    source = write_grooves(tmp_path / "in", 15)
    build_corpus(tmp_path / "one", [source])
    build_corpus(tmp_path / "two", [source])
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")


@pytest.mark.parametrize("words", [1, 17, 18, 50, 100])
def test_shards_of_any_size_hold_the_same_songs(tmp_path, words):
    source = write_grooves(tmp_path / "in", 15)
    whole = build_corpus(tmp_path / "whole", [source])
    assert len(list(whole.folder.glob("train-*.ids.npy"))) == 1
    Build((source,), CorpusConfig(), LeakLimits(), shard_words=words).write(tmp_path / "parted")
    parted = open_corpus(tmp_path / "parted")
    assert songs_of(parted) == songs_of(whole)
    shards = sorted(parted.folder.glob("train-*.ids.npy"))
    per_shard = -(-words // 17)  # a shard is closed by the song that fills it
    assert [len(np.load(shard)) for shard in shards[:-1]] == [17 * per_shard] * (len(shards) - 1)
    assert len(shards) == -(-len(whole.split("train")) // per_shard)


def test_a_split_without_songs_is_empty(tmp_path):
    corpus = build_corpus(tmp_path / "out", [write_grooves(tmp_path / "in", 1)])
    assert len(corpus.split("test")) == 0
    assert corpus.split("test").lengths.shape == (0,)
    assert corpus.manifest["splits"]["test"] == {"songs": 0, "bars": 0, "words": 0}
    with pytest.raises(DrumtokError, match="unknown split 'dev', must be one of train, validation, test"):
        corpus.split("dev")


def test_a_corpus_is_replaced(tmp_path):
    build_corpus(tmp_path / "out", [write_grooves(tmp_path / "one", 12)])
    corpus = build_corpus(tmp_path / "out", [write_grooves(tmp_path / "two", 4, start=50)])
    assert len(songs_of(corpus)) == 4
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "out", "two"]


def test_a_corpus_that_is_open_outlives_its_replacement(tmp_path):
    old = build_corpus(tmp_path / "out", [write_grooves(tmp_path / "one", 12)]).split("train")
    before = old.song(0).tolist()
    build_corpus(tmp_path / "out", [write_grooves(tmp_path / "two", 4, start=50)])
    assert old.song(0).tolist() == before


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "diary.txt").write_text("dear")
    (tmp_path / "file").write_text("a file")
    source = write_grooves(tmp_path / "in", 3)
    for out in ("out", "file"):
        with pytest.raises(DrumtokError, match=r"cannot write .*: it exists and is not a corpus"):
            build_corpus(tmp_path / out, [source])
    assert (tmp_path / "out" / "diary.txt").read_text() == "dear"
    with pytest.raises(DrumtokError, match=r"folder '.*gone' does not exist"):
        build_corpus(tmp_path / "gone" / "out", [source])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "in", "out"]


def fail_in_save(monkeypatch):
    def full(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)


def fail_in_last_rename(monkeypatch):
    rename = Path.rename

    def fail(self, target):
        if self.name == NEW:
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail)


@pytest.mark.parametrize("failure", [fail_in_save, fail_in_last_rename])
def test_a_failure_leaves_the_old_corpus(tmp_path, monkeypatch, failure):
    build_corpus(tmp_path / "out", [write_grooves(tmp_path / "in", 12)])
    before = bytes_of(tmp_path / "out")
    other = write_grooves(tmp_path / "other", 5, start=50)
    with monkeypatch.context() as patch:
        failure(patch)
        with pytest.raises(DrumtokError, match=r"cannot write '.*out': (No space left|Input/output error)"):
            build_corpus(tmp_path / "out", [other])
        with pytest.raises(DrumtokError, match=r"cannot write '.*new'"):
            build_corpus(tmp_path / "new", [other])
    assert bytes_of(tmp_path / "out") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "other", "out"]


def test_a_failed_build_leaves_the_old_corpus(tmp_path):
    source = write_grooves(tmp_path / "in", 12)
    build_corpus(tmp_path / "out", [source])
    before = bytes_of(tmp_path / "out")
    wrong = tmp_path / "in" / "z.txt"
    wrong.write_text("0b0000000000 BAR")
    with pytest.raises(DrumtokError, match=r"because: line 1: word 1 must be 0b with 9 binary digits, or BAR, got '0b"):
        build_corpus(tmp_path / "out", [open_source(str(wrong))])
    assert bytes_of(tmp_path / "out") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "out"]


@pytest.mark.parametrize("content", [None, "", "{", "\xff"])
def test_a_folder_without_a_corpus_is_an_error(tmp_path, content):
    if content is not None:
        (tmp_path / MANIFEST).write_text(content, encoding="latin-1")
    with pytest.raises(DrumtokError, match=r"is not a corpus: it has no readable manifest.json"):
        open_corpus(tmp_path)


@pytest.mark.parametrize("content", ["{}", '{"config": {"grid": 4}}', "[]"])
def test_a_corpus_of_another_version_is_an_error(tmp_path, content):
    (tmp_path / MANIFEST).write_text(content)
    with pytest.raises(DrumtokError, match=r"is a corpus of another version of drumtok: build it again"):
        open_corpus(tmp_path)


# The report


def test_the_report_has_a_row_for_every_file(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    files = {
        "beat.mid": make_midi([(0, 36), (30, 36), (480, 54), (490, 54), (600, 56)]),
        "broken.mid": b"no",
        "changing.mid": make_midi([(0, 36), (1920, 38)], meters=[(0, 4, 4), (1920, 3, 4)]),
        "odd.mid": make_midi([(0, 36)], meters=[(0, 5, 4)]),
        "piano.mid": make_midi([(0, 60)], channel=0),
        "silence.mid": make_midi([(0, 54)], end=1920),
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    corpus = build_corpus(tmp_path / "out", [open_source(str(folder))])
    report = report_of(corpus)
    assert sorted(report) == sorted(files)
    split = report["beat.mid"].pop("split")
    assert split in SPLITS
    assert report["beat.mid"] == {
        "source": "in",
        "file": "beat.mid",
        "status": "read",
        "reason": "",
        "drums": "channel 10",
        "bars": 1,
        "notes": 5,
        "hits": 1,
        "outside": {"54": 2, "56": 1},
        "merged": 1,
        "sections": [["4/4", 1]],
        "suggestion": "60% of the notes are outside the kit: a note map file can assign them, "
        "most often 54 (2), 56 (1)",
    }
    skipped = {name: line["reason"] for name, line in report.items() if line["status"] == "skipped"}
    assert "cannot read 'broken.mid': " in skipped.pop("broken.mid")
    assert skipped == {
        "odd.mid": "meter 5/4, not 4/4",
        "piano.mid": "no channel 10 and no track named drums, and the name of the file or its folder is melodic; no "
        "hits of the kit",
        "silence.mid": "no hits of the kit: all its notes are outside it, 54 (1)",
    }
    assert all(line["split"] == "" for line in report.values() if line["status"] == "skipped")
    # the row of a file names the sections that were left out
    changing = report["changing.mid"]
    assert (changing["status"], changing["bars"], changing["hits"]) == ("read", 1, 1)
    assert changing["reason"] == "meter 3/4, not 4/4"
    assert report["silence.mid"]["outside"] == {"54": 1}
    assert corpus.manifest["items"] == {"read": 2, "skipped": 4}


def test_sources_without_usable_songs_are_an_error(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "broken.mid").write_bytes(b"no")
    with pytest.raises(DrumtokError, match="no song of the sources can be used: 1 were skipped"):
        build_corpus(tmp_path / "out", [open_source(str(tmp_path / "in"))])
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


# Meters and grids


def meters_in(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "g.grid").write_text(
        f"NAME=four\nkick |{BAR}|\n\nNAME=three METER=3/4\nkick |x---x---x---|\n\n"
        "NAME=roll GRID=32\nclosed |xxxx----x-------x-------x-------|\n\nNAME=seven METER=7/8\nkick |x-x-x-x-x-x-x-|\n"
    )
    return open_source(str(tmp_path / "in"))


@pytest.mark.parametrize(
    ("meter", "names"),
    [("4/4", {"four", "roll"}), ("3/4", {"three"}), ("any", {"four", "three", "roll", "seven"})],
)
def test_the_meter_is_a_filter(tmp_path, meter, names):
    corpus = build_corpus(tmp_path / "out", [meters_in(tmp_path)], CorpusConfig(meter=meter))
    assert {name.partition("#")[2] for name in songs_of(corpus)} == names


def test_patterns_are_moved_to_the_grid_of_the_corpus(tmp_path):
    source = meters_in(tmp_path)
    songs = songs_of(build_corpus(tmp_path / "sixteen", [source]))
    roll = from_ids(np.array(songs["g.grid#roll"][1]))
    assert roll.to_grid() == "closed |xxx-x---x---x---|"  # thirty-seconds 1 and 3 are ties, which round up
    songs = songs_of(build_corpus(tmp_path / "thirty-two", [source], CorpusConfig(grid=8)))
    assert len(songs["g.grid#roll"][1]) == len(songs["g.grid#four"][1]) == 33
    assert from_ids(np.array(songs["g.grid#four"][1]), 8).to_grid() == "kick   |x-------x-------x-------x-------|"


def test_a_bar_that_does_not_fit_the_grid_is_skipped(tmp_path):
    corpus = build_corpus(tmp_path / "out", [meters_in(tmp_path)], CorpusConfig(meter="any", grid=3))
    seven = report_of(corpus)["g.grid#seven"]
    assert (seven["status"], seven["reason"]) == ("skipped", "meter 7/8 does not fit a grid of 3 steps per beat")
    assert len(songs_of(corpus)) == 3


def test_a_corpus_file_of_words_is_built_from_too(tmp_path):
    source = write_grooves(tmp_path / "in", 6)
    patterns = [p for item in source.items(4) for p in item.patterns]
    (tmp_path / "words.txt").write_text("\n".join(map(format_song, patterns)))
    by_words = songs_of(build_corpus(tmp_path / "out", [open_source(str(tmp_path / "words.txt"))]))
    assert sorted(ids for _, ids in by_words.values()) == sorted(to_ids(p).tolist() for p in patterns)


# The default corpus


def test_the_default_is_the_starter_grooves_and_what_is_fetched(tmp_path, monkeypatch):
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path / "data"))
    starter = default_corpus()
    assert starter.parent == tmp_path / "data" / "corpora"
    first = open_corpus(starter)
    assert [source["name"] for source in first.manifest["sources"]] == ["starter"]
    assert first.manifest["splits"]["train"]["songs"] > 90
    written = (starter / MANIFEST).stat().st_mtime_ns
    assert default_corpus() == starter
    assert (starter / MANIFEST).stat().st_mtime_ns == written  # not built a second time
    make_groove_zip(load_manifest("groove").path)
    both = default_corpus()
    assert both != starter
    assert [source["name"] for source in open_corpus(both).manifest["sources"]] == ["starter", "groove"]


def test_a_default_corpus_that_another_process_built_meanwhile_is_used(tmp_path, monkeypatch):
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path / "data"))
    few, built = write_grooves(tmp_path / "in", 3), []

    def both(out, sources):
        built.extend(build_corpus(folder, [few]).folder for folder in (out.with_name(out.name.rpartition("-")[0]), out))

    assert default_corpus(both) == built[0]
    assert [path.name for path in (tmp_path / "data" / "corpora").iterdir()] == [built[0].name]


def test_a_source_may_be_made_without_open_source(tmp_path):
    write_grooves(tmp_path / "in", 3)
    assert len(songs_of(build_corpus(tmp_path / "out", [Source("mine", tmp_path / "in")]))) == 3
