"""Sources: folders, zips and files of MIDI, words and grid notation, and the corpora known by name."""

import os
import zipfile

import pytest
from midi_bytes import make_midi

from drumtok.dataset.manifests import Manifest, load_manifest, manifest_names
from drumtok.dataset.sources import Source, open_source
from drumtok.errors import DrumtokError
from drumtok.midi.drums_config import DrumsConfig
from drumtok.midi.events import READ, SKIPPED
from drumtok.pattern import Pattern
from drumtok.runtime.files import DATA_VARIABLE, data_home

BEAT = make_midi([(0, 36), (480, 38), (960, 36), (1440, 38)])
GROOVES = """NAME=one STYLE=funk TEMPO=90
kick |x---x---x---x---|

STYLE=rock
snare |x---x---x---x---|
"""
WORDS = " ".join(["0b100000000"] * 16) + " BAR"
FILES = {"a.mid": BEAT, "a/z.MIDI": BEAT, "b/broken.mid": b"no", "g.grid": GROOVES.encode(), "w.txt": WORDS.encode()}
NAMES = ["a.mid", "a/z.MIDI", "b/broken.mid", "g.grid#one", "g.grid#2", "w.txt#1"]


@pytest.fixture
def folder(tmp_path):
    """A folder with source files of every type, and other files."""
    folder = tmp_path / "music"
    for name, data in {**FILES, "readme.md": b"# no music", "song.wav": b"RIFF"}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def make_zip(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def test_a_folder_is_read_in_the_order_of_its_names(folder):
    source = open_source(str(folder))
    items = list(source.items(4))
    assert (source.name, source.drums.note_map, source.licence) == ("music", "gm", "")
    assert [item.name for item in items] == NAMES
    assert [item.status for item in items] == [READ, READ, SKIPPED, READ, READ, READ]
    assert "cannot read " in items[2].reason
    assert items[2].patterns == ()
    assert [p.name for item in items for p in item.patterns] == [n for n in NAMES if "broken" not in n]
    assert [p.style for item in items[3:] for p in item.patterns] == ["funk", "rock", ""]
    assert {item.split for item in items} == {""}
    assert items[0].patterns[0] == Pattern.from_grid("kick |x-------x-------|\nsnare |----x-------x---|")


def test_a_zip_gives_what_its_folder_gives(folder, tmp_path):
    archive = make_zip(tmp_path / "music.zip", dict(reversed(FILES.items())))
    zipped, plain = open_source(str(archive)), open_source(str(folder))
    assert list(zipped.items(4)) == list(plain.items(4))
    assert zipped.digest() == plain.digest()


def test_the_digest_depends_on_names_and_bytes(folder):
    source = open_source(str(folder))
    before = source.digest()
    (folder / "readme.md").write_text("other words")
    assert source.digest() == before
    (folder / "w.txt").write_text(WORDS + "\n")
    changed = source.digest()
    (folder / "w.txt").rename(folder / "v.txt")
    assert len({before, changed, source.digest()}) == 3


@pytest.mark.parametrize(("name", "names"), [("a.mid", ["a.mid"]), ("g.grid", ["g.grid#one", "g.grid#2"])])
def test_a_file_is_a_source_too(folder, name, names):
    source = open_source(str(folder / name))
    assert source.name == name
    assert [item.name for item in source.items(4)] == names


def test_midi_is_put_on_the_grid_and_texts_keep_theirs(folder):
    by_name = {item.name: item.patterns for item in open_source(str(folder)).items(8)}
    assert [by_name[name][0].grid for name in ("a.mid", "g.grid#one")] == [8, 4]


def test_the_note_map_is_for_sources_without_a_manifest(tmp_path):
    (tmp_path / "rim.mid").write_bytes(make_midi([(0, 58), (0, 36)]))
    (gm,) = open_source(str(tmp_path)).items(4)
    (td11,) = open_source(str(tmp_path), DrumsConfig("td11")).items(4)
    assert (gm.patterns[0].hits.sum(), gm.outside) == (1, {58: 1})
    assert (td11.patterns[0].hits.sum(), td11.outside) == (2, {})


def test_merged_hits_are_counted(tmp_path):
    (tmp_path / "flam.mid").write_bytes(make_midi([(0, 38), (20, 38), (40, 38)]))
    (item,) = open_source(str(tmp_path)).items(4)
    assert item.merged == 2


def test_what_is_wrong_in_a_text_is_skipped_with_line_and_word(tmp_path):
    (tmp_path / "README.txt").write_text("Thank you!\n\nEnjoy these loops.\n")
    (tmp_path / "latin.txt").write_bytes(b"\xff\xfe")
    (tmp_path / "w.txt").write_text(WORDS + "\n0b0000000000 BAR\n")
    (tmp_path / "z.grid").write_text("kick |x--|\n")
    items = {item.name: item for item in open_source(str(tmp_path)).items(4)}
    assert {name: item.reason for name, item in items.items() if item.status == SKIPPED} == {
        "README.txt": "line 1: word 1 must be 0b with 9 binary digits, or BAR, got 'Thank'",
        "latin.txt": "it is not UTF-8 text",
        "w.txt#2": "line 2: word 1 must be 0b with 9 binary digits, or BAR, got '0b0000000000'",
        "z.grid": "hits must be whole bars of 16 steps, got 3 steps",
    }
    assert items["w.txt#1"].status == READ


def test_a_mark_of_the_byte_order_is_skipped(tmp_path):
    (tmp_path / "w.txt").write_bytes(b"\xef\xbb\xbf" + WORDS.encode())
    assert [item.status for item in open_source(str(tmp_path)).items(4)] == [READ]


@pytest.mark.skipif(os.name != "posix", reason="file names are bytes on POSIX alone")
def test_file_names_of_any_bytes(tmp_path):
    path = os.fsencode(tmp_path) + b"/caf\xe9.mid"  # Latin-1
    try:
        with open(path, "wb") as file:
            file.write(BEAT)
    except OSError:
        pytest.skip("this file system wants UTF-8")
    source = open_source(str(tmp_path))
    assert [item.status for item in source.items(4)] == [READ]
    assert len(source.digest()) == 64


def test_what_is_not_a_source_is_an_error(tmp_path):
    with pytest.raises(
        DrumtokError, match=r"source must be groove, starter, or an existing folder, zip or file, got '.*gone'"
    ):
        open_source(str(tmp_path / "gone"))
    with pytest.raises(DrumtokError, match=r"must hold a file that ends in \.mid, \.midi, \.rmi, \.txt, \.grid"):
        open_source(str(tmp_path))
    with pytest.raises(DrumtokError, match=r"must hold a file that ends in"):
        open_source(str(make_zip(tmp_path / "empty.zip", {"readme.md": b""})))
    (tmp_path / "cut.zip").write_bytes((tmp_path / "empty.zip").read_bytes()[:-5])
    with pytest.raises(
        DrumtokError, match=r"source must be a folder, a zip or a file that ends in \.mid.* got '.*cut.zip'"
    ):
        open_source(str(tmp_path / "cut.zip"))


# Corpora with a name


def test_the_manifests():
    assert manifest_names() == ["groove", "starter"]
    groove, starter = load_manifest("groove"), load_manifest("starter")
    assert (groove.size, groove.sha256[:8], groove.note_map) == (3_260_318, "651cbc52", "td11")
    assert groove.address.endswith("/groove-v1.0.0-midionly.zip")
    assert groove.licence.startswith("CC BY 4.0")
    assert (starter.folder, starter.address, starter.note_map) == ("starter", "", "gm")
    with pytest.raises(DrumtokError, match="unknown corpus 'lakh', must be one of groove, starter"):
        load_manifest("lakh")


def test_fetched_corpora_are_in_the_folder_of_the_variable(tmp_path, monkeypatch):
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    assert data_home() == tmp_path
    assert load_manifest("groove").path == tmp_path / "groove-v1.0.0-midionly.zip"
    monkeypatch.delenv(DATA_VARIABLE)
    assert data_home().name == "drumtok"


def test_the_error_of_an_unfetched_corpus_names_the_command(tmp_path, monkeypatch):
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    with pytest.raises(DrumtokError, match="corpus 'groove' has not been fetched: drumtok corpus fetch groove"):
        open_source("groove")


def test_split_and_style_come_from_the_table(tmp_path, monkeypatch):
    rows = [
        "drummer,id,style,bpm,beat_type,time_signature,midi_filename,audio_filename,duration,split",
        "drummer1,1,funk/groove1,138,beat,4-4,drummer1/s1/1.mid,,27.8,train",
        "drummer1,2,rock,92,fill,4-4,drummer1/s1/2.mid,,2.6,validation",
        "drummer2,3,jazz/brush,120,beat,3-4,drummer2/s1/1.mid,,10,test",
    ]
    files = {f"groove/{row.split(',')[6]}": make_midi([(0, 58)]) for row in rows[1:]}
    table = {"groove/info.csv": "\r\n".join(rows), "groove/README.txt": "not a corpus"}
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    make_zip(load_manifest("groove").path, {**files, **table})
    source = open_source("groove")
    unlisted, *items = source.items(4)
    assert (unlisted.name, unlisted.status) == ("groove/README.txt", SKIPPED)
    assert unlisted.reason == "groove/info.csv does not list it"
    assert (source.drums.note_map, source.licence) == ("td11", "CC BY 4.0, Google LLC 2019")
    assert [(item.name, item.split, item.patterns[0].style) for item in items] == [
        ("groove/drummer1/s1/1.mid", "train", "funk"),
        ("groove/drummer1/s1/2.mid", "validation", "rock"),
        ("groove/drummer2/s1/1.mid", "test", "jazz"),
    ]
    assert all(item.patterns[0].hits[0, 4] for item in items)  # note 58 is a floor tom in td11


def test_a_source_can_be_made_by_hand(tmp_path):
    (tmp_path / "g.grid").write_text(GROOVES)
    assert len(list(Source("mine", tmp_path).items(4))) == 2
    assert Manifest("mine", "title", "licence", "citation", folder="starter").path.is_dir()


def test_a_damaged_zip_is_an_error_that_names_it(tmp_path):
    path = tmp_path / "damaged.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("beat.grid", "kick |x---x---x---x---|\n" * 5)
    data = bytearray(path.read_bytes())
    data[45] ^= 0xFF  # a byte of the only entry's data
    path.write_bytes(data)
    with pytest.raises(DrumtokError, match=r"cannot read source .*damaged\.zip': 'beat.grid': it cannot be"):
        list(open_source(str(path)).items(4))


def test_grooves_with_the_same_name_get_numbers(tmp_path):
    grooves = "\n\n".join(f"NAME={name}\nkick |x---x---x---x---|" for name in ("a", "b", "a"))
    (tmp_path / "three.grid").write_text(grooves)
    names = [item.name for item in open_source(str(tmp_path / "three.grid")).items(4)]
    assert names == ["three.grid#1", "three.grid#b", "three.grid#3"]


@pytest.mark.parametrize("copy", ["folder", "folder within", "zip", "zip with a folder"])
def test_an_unpacked_or_renamed_dataset_has_its_table(tmp_path, copy):
    rows = "style,beat_type,midi_filename,split,kit_name\nfunk/groove1,fill,drummer1/1.mid,test,808\n"
    files = {"e-gmd.csv": rows.encode(), "drummer1/1.mid": BEAT, "drummer1/2.mid": BEAT, "other.csv": b"a,b\n1,2\n"}
    if copy.startswith("zip"):
        path = make_zip(tmp_path / "a.zip", {"gmd/" * ("folder" in copy) + name: data for name, data in files.items()})
    else:
        path = tmp_path / "data"
        for name, data in files.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(data)
    if copy == "folder within":  # not at the top level
        assert {file.split for file in open_source(str(tmp_path)).files()} == {""}
        return
    one, two = open_source(str(path)).items(4)
    assert (one.split, one.kind, one.patterns[0].style) == ("test", "fill", "funk")
    assert two.status == SKIPPED
    assert two.reason.endswith("e-gmd.csv does not list it")
