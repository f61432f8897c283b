"""Part libraries: the bundled one, the user's own, and the splits of parts."""

import hashlib
import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from drumtok.dataset.augmentation.part_library import load_parts
from drumtok.dataset.augmentation.parts import content_hash, in_split, part_splits, styles_of
from drumtok.dataset.augmentation.recombine import common_grid
from drumtok.drums import ROLES
from drumtok.errors import DrumtokError
from drumtok.midi.files import write_midi
from drumtok.pattern import Pattern
from drumtok.runtime.files import data_path
from drumtok.tokenizer.splits import SPLITS
from drumtok.tokenizer.text import parse_grooves

# role -> least number of parts, in all and of each style
MIN_PARTS = {"kick": (44, 3), "snare": (44, 3), "hats": (66, 4)}


@pytest.fixture(scope="module")
def library():
    return load_parts()


@pytest.fixture
def folder(tmp_path):
    """A library with one part for each role, in groove files."""
    for role, drums in ROLES.items():
        (tmp_path / f"{role}.grid").write_text(f"NAME={role}-1 STYLE=rock\n{drums[0]} |x---x---x---x---|\n")
    return tmp_path


@pytest.mark.parametrize("role", ROLES)
def test_each_style_of_the_library_has_enough_parts_and_starter_grooves(library, role):
    least, least_of_style = MIN_PARTS[role]
    starter = {next(parse_grooves(path.read_text())).style for path in data_path("datasets/starter").glob("*.grid")}
    of_style = Counter(part.style for part in library[role])
    assert len(library[role]) >= least
    assert set(of_style) <= starter
    assert min(of_style.values()) >= least_of_style


def test_the_parts_of_the_library_are_valid_and_all_different(library):
    parts = [part for role in ROLES for part in library[role]]
    assert {part.bars for part in parts} == {1, 2, 4}
    assert {part.meter for part in parts} == {(4, 4)}
    assert all(re.fullmatch(rf"{part.style}-(kick|snare|hats)-\d\d", part.name) for part in parts)
    assert all(60 <= part.tempo <= 200 for part in parts)
    assert len({content_hash(part) for part in parts}) == len(parts)
    assert not any((part.hits[:, 2] & part.hits[:, 3]).any() for part in parts)


def test_parts_on_triplets_and_thirty_seconds_need_them(library):
    for part in (part for role in ROLES for part in library[role]):
        assert part.grid == 4 or common_grid([part], 4) is None, part.name


def test_trap_hats_roll_in_thirty_seconds(library):
    def rolls(part):
        struck = part.hits.any(axis=1)
        return part.grid == 8 and (struck[:-2] & struck[1:-1] & struck[2:]).any()

    assert sum(rolls(part) for part in library["hats"] if part.style == "trap") >= 8
    assert sum(part.grid == 6 for part in library["hats"] if part.style == "trap") >= 2


def test_every_part_is_in_one_split_and_every_style_in_all(library):
    split_of = part_splits(library)
    assert set(split_of) == {part.name for role in ROLES for part in library[role]}
    per_split = {split: in_split(library, split) for split in SPLITS}
    for role in ROLES:
        names = [part.name for split in SPLITS for part in per_split[split][role]]
        assert sorted(names) == sorted(part.name for part in library[role])
    for split in SPLITS:
        assert styles_of(per_split[split]) == styles_of(library)
    assert Counter(split_of.values()).most_common(1)[0][0] == "train"


def test_splits_depend_only_on_names(library):
    shuffled = {role: tuple(replace(part, tempo=99) for part in reversed(parts)) for role, parts in library.items()}
    assert part_splits(shuffled) == part_splits(library)


def test_parts_are_dealt_in_the_order_of_their_names_hashes():
    texts = ["x---x---x---x---", "x-x-x-x-x-x-x-x-", "x-------x-------", "x---------------", "x-----x---------"]
    library = dict.fromkeys(ROLES, ())
    library["kick"] = tuple(replace(Pattern.from_grid(f"kick {text}"), name=f"k{i}") for i, text in enumerate(texts))
    by_hash = sorted((part.name for part in library["kick"]), key=lambda name: hashlib.sha256(name.encode()).digest())
    assert by_hash != sorted(by_hash)
    assert [part_splits(library)[name] for name in by_hash] == ["test", "validation", "train", "train", "train"]


def test_the_same_music_under_two_names_is_in_one_split(library):
    copies = {}
    for role, parts in library.items():
        softer = (replace(part, velocity=np.where(part.hits, 33, 0), name=f"a copy of {part.name}") for part in parts)
        copies[role] = (*parts, *softer)
    split_of = part_splits(copies)
    assert all(split_of[f"a copy of {name}"] == split_of[name] for name in part_splits(library))


def test_few_parts_are_all_for_training(folder):
    assert set(part_splits(load_parts(folder)).values()) == {"train"}
    with pytest.raises(DrumtokError, match="unknown split 'dev', must be one of train, validation, test"):
        in_split(load_parts(folder), "dev")


def test_music_is_distinguished_by_meter_and_hits():
    four = Pattern.from_grid("kick |x---x---x---x---|")
    others = ["kick |x---x---x---x--x|", "snare |x---x---x---x---|", "kick |----------------|"]
    assert len({content_hash(four), *(content_hash(Pattern.from_grid(text)) for text in others)}) == 4
    assert content_hash(Pattern.from_grid("kick |x---x---|", meter=(2, 4))) != content_hash(four)
    assert content_hash(Pattern.from_grid("kick |x--x--x--x--|", grid=3)) == content_hash(four)


def test_a_folder_of_midi_loops_by_role(folder):
    straight = Pattern.from_grid("kick |x--x----x--x----|", tempo=90)
    (folder / "kick" / "trap").mkdir(parents=True)
    (folder / "hats").mkdir()
    write_midi(straight, folder / "kick" / "trap" / "808 one.mid")
    roll = Pattern.from_grid("closed |x---x---x---x---x---x---x---xxxx|", grid=8)
    write_midi(roll, folder / "hats" / "roll.mid")
    swung = Pattern.from_grid("closed |x--x-xx--x-xx--x-xx--x-x|", grid=6)
    write_midi(swung, folder / "hats" / "swung.mid")
    ghost = Pattern.from_grid("closed |X---X---X---X---X---X---X---XoX-|", grid=8)  # which sixteenths cannot hold
    write_midi(ghost, folder / "hats" / "ghost.mid")
    library = load_parts(folder)
    assert library["kick"][1] == straight
    assert (library["kick"][1].name, library["kick"][1].style) == ("kick/trap/808 one", "trap")
    assert library["hats"][1:] == (ghost, roll, swung)
    assert library["hats"][1].style == ""


def test_a_midi_loop_that_is_played_freely_is_on_sixteenths_with_its_offsets(folder):
    hits = Pattern.from_grid("snare |----x-------x---|").hits
    loose = Pattern(hits, offset=np.where(hits, 0.25, 0))
    (folder / "snare").mkdir()
    write_midi(loose, folder / "snare" / "late.mid")
    assert load_parts(folder)["snare"][1] == loose


@pytest.mark.parametrize(
    ("role", "text", "message"),
    [
        ("kick", "kick |x---x---x---x---|", "a kick part must have a name .control word NAME., got none"),
        ("kick", "NAME=b\nsnare |x---x---x---x---|", "drums of kick part 'b' must be kick, got snare"),
        ("hats", "NAME=b\nclosed |----------------|", "hats part 'b' must have hits, got none"),
        (
            "hats",
            "NAME=b\nclosed |x-x-------------|\nopen |--x-------------|",
            "hat of hats part 'b' must be closed or open, got both on step 3",
        ),
        ("hats", "NAME=kick-1\nclosed |x---x---x---x---|", "names of parts must differ, got 'kick-1' as kick and hats"),
        ("snare", "NAME=b\nsnare |x--|", r"snare\.grid: hits must be whole bars of 16 steps, got 3 steps"),
        ("snare", "", "must have snare parts|0 steps|must have a name"),
    ],
)
def test_an_invalid_part_is_an_error(folder, role, text, message):
    (folder / f"{role}.grid").write_text(text)
    with pytest.raises(DrumtokError, match=message):
        load_parts(folder)


def test_a_library_that_does_not_exist_or_cannot_be_read(folder):
    with pytest.raises(DrumtokError, match="cannot read '/nowhere': it is not a folder"):
        load_parts("/nowhere")
    (folder / "kick").mkdir()
    (folder / "kick" / "broken.mid").write_bytes(b"MThd")
    left_out = []
    assert len(load_parts(folder, left_out)["kick"]) == 1
    assert len(left_out) == 1
    assert left_out[0].startswith("kick/broken.mid: ")
    (folder / "hats.grid").unlink()
    with pytest.raises(DrumtokError, match=r"must have hats parts, got none: hats\.grid, a folder hats, or MIDI files"):
        load_parts(folder)


def test_a_midi_file_with_another_roles_hits_is_left_out(folder):
    (folder / "snare").mkdir()
    both = Pattern.from_grid("kick |x---x---x---x---|\nsnare |----x-------x---|")
    write_midi(both, folder / "snare" / "both.mid")
    left_out = []
    assert load_parts(folder, left_out)["snare"] == load_parts(folder)["snare"]
    assert left_out == ["snare/both.mid: drums of snare part 'snare/both' must be snare, got kick"]


PACK = {  # path in a loop pack -> role, style
    "01_Kick": ("kick", ""),
    "Trap/02_Trap_Hat": ("hats", "Trap"),
    "Trap/good_Snare": ("snare", "Trap"),
    "Kicks/House/deep 3": ("kick", "House"),
    "Hats/open hat 3": ("hats", ""),
    "Trap/808 clap": ("snare", "Trap"),
    "hats/jazz/ride": ("hats", "jazz"),
}


def test_roles_of_a_loop_pack_come_from_names_and_styles_from_folders(tmp_path):
    loop = Pattern.from_grid("crash |x---x---x---x---|")  # one drum, written as the note of another
    for path in (*PACK, "Tom 1", "Bassline", "Kick and Snare"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        write_midi(loop, tmp_path / f"{path}.mid")
    left_out = []
    library = load_parts(tmp_path, left_out)
    assert {part.name: (role, part.style) for role in ROLES for part in library[role]} == PACK
    assert [text.partition(":")[0] for text in left_out] == ["Bassline.mid", "Kick and Snare.mid", "Tom 1.mid"]
    assert all(part.hits.sum() == 4 for role in ROLES for part in library[role])
