"""Recombination of parts: which combine, how loops vary, and what the seed decides; recipes; the command `augment`."""

import itertools
import re
from collections import Counter
from dataclasses import replace

import mido
import numpy as np
import pytest
from click.testing import CliRunner

from drumtok.cli.main import main
from drumtok.dataset.augmentation.loops import Loops, make_loop, write_loops
from drumtok.dataset.augmentation.part_library import load_parts
from drumtok.dataset.augmentation.parts import in_split, part_splits, styles_of
from drumtok.dataset.augmentation.recipes import KEYS, Recipe, load_recipe, recipe_names
from drumtok.dataset.augmentation.recombine import choose, common_grid, recombine, vary
from drumtok.dataset.corpus import build_corpus, open_corpus
from drumtok.dataset.sources import open_source
from drumtok.drums import LANES, ROLES
from drumtok.errors import DrumtokError
from drumtok.midi.files import read_midi, write_midi
from drumtok.pattern import Pattern
from drumtok.tokenizer.splits import SPLITS
from drumtok.tokenizer.text import label, parse_songs, song_entries

STILL = Recipe(fill_every=0, drop_kick=0, add_kick=0, ghost_snare=0, open_hat=0, drop_hat=0)


@pytest.fixture(scope="module")
def library():
    return load_parts()


def part(text, name="p", grid=4, tempo=120, style="rock", meter=(4, 4)):
    return replace(Pattern.from_grid(text, grid=grid, tempo=tempo, meter=meter), name=name, style=style)


def take(loops, count):
    return list(itertools.islice(loops, count))


def small_library(**changes):
    """Return a library with one part for each role, some of them replaced."""
    parts = {
        "kick": part("kick |x---x---x---x---|", "k"),
        "snare": part("snare |----x-------x---|", "s"),
        "hats": part("closed |x-x-x-x-x-x-x-x-|", "h"),
    }
    return {role: (changes.get(role, one),) for role, one in parts.items()}


QUARTERS = part("kick |x---x---x---x---|")
EIGHTHS = part("kick |x-----x-x-------|")
SIXTEENTHS = part("kick |x--x--x---------|")
THIRTY_SECONDS = part("closed |x---x---x---x---x---x---x---xxxx|", grid=8)
TRIPLETS = part("ride |xxxxxxxxxxxx|", grid=3)
SWUNG = part("closed |x--x-xx--x-xx--x-xx--x-x|", grid=6)


@pytest.mark.parametrize(
    ("parts", "grid"),
    [
        ([QUARTERS, SIXTEENTHS], 4),
        ([SIXTEENTHS, THIRTY_SECONDS], 8),
        ([QUARTERS, SWUNG], 6),
        ([EIGHTHS, SWUNG], 6),
        ([SIXTEENTHS, SWUNG], None),
        ([EIGHTHS, TRIPLETS], 6),
        ([SIXTEENTHS, TRIPLETS], None),
        ([TRIPLETS, SWUNG], 6),
        ([THIRTY_SECONDS, TRIPLETS], None),
        ([TRIPLETS], 3),
        ([QUARTERS], 4),
        ([replace(THIRTY_SECONDS, hits=np.zeros((32, 9)))], 8),
    ],
)
def test_the_grid_that_parts_meet_on(parts, grid):
    assert common_grid(parts) == grid
    assert common_grid(parts[::-1]) == grid


def test_a_grid_that_is_requested_may_be_coarser_but_moves_nothing():
    assert common_grid([QUARTERS, SIXTEENTHS], 8) == 8
    assert common_grid([part("kick |x---x---|", grid=8, meter=(1, 4))], 4) == 4
    assert common_grid([SIXTEENTHS], 6) is None
    # a whole number of triplets does not fit the bar
    assert common_grid([part("kick |x-----|", meter=(3, 8))], 3) is None


def test_parts_are_tiled_to_their_shortest_common_multiple():
    kick = part("kick |x---|-x--|", "k", meter=(1, 4), tempo=100, style="soul")
    snare = part("snare |--o-|--X-|---x|", "s", meter=(1, 4))
    hats = part("closed |x-x-x-xx|", "h", grid=8, meter=(1, 4))
    made = recombine([kick, snare, hats])
    assert made.to_grid(6) == (
        "kick   |x-------|--x-----|x-------|--x-----|x-------|--x-----|\n"
        "snare  |----o---|----X---|------x-|----o---|----X---|------x-|\n"
        "closed |x-x-x-xx|x-x-x-xx|x-x-x-xx|x-x-x-xx|x-x-x-xx|x-x-x-xx|"
    )
    assert (made.grid, made.tempo, made.style, made.name) == (8, 100, "soul", "k+s+h")
    assert recombine([kick, snare, hats], bars=5) == made.slice_bars(0, 5)
    assert recombine([kick, snare, hats], bars=8).slice_bars(6, 8) == made.slice_bars(0, 2)


def test_parts_keep_their_offsets():
    late = replace(QUARTERS, offset=np.where(QUARTERS.hits, 0.25, 0))
    assert recombine([late, part("closed |x-x-x-x-x-x-x-x-|")], 2).offset[::4, 0].tolist() == [0.25] * 8


@pytest.mark.parametrize("other", [SWUNG, part("snare |x---x---x---|", meter=(3, 4))])
def test_parts_that_cannot_be_combined_are_an_error(other):
    with pytest.raises(DrumtokError, match="parts must have the same meter and a common grid, got p, p"):
        recombine([SIXTEENTHS, other])


def test_chosen_parts_are_of_one_style_near_in_tempo_and_on_one_grid(library):
    for seed in range(200):
        parts = choose(library, np.random.default_rng(seed), Recipe())
        assert [chosen in library[role] for role, chosen in zip(ROLES, parts, strict=True)] == [True] * 3
        assert len({chosen.style for chosen in parts}) == 1
        assert max(p.tempo for p in parts) <= 1.15 * min(p.tempo for p in parts)
        assert common_grid(parts)


def test_every_part_of_the_library_is_used(library):
    used = {p for style in styles_of(library) for seed in range(300) for p in _names(library, style, seed)}
    assert used == {p.name for role in ROLES for p in library[role]}


def _names(library, style, seed):
    return [p.name for p in choose(library, np.random.default_rng(seed), Recipe(styles=(style,)))]


def test_styles_are_equally_likely_and_blend_only_if_the_recipe_does(library):
    styles = Counter(choose(library, np.random.default_rng(i), Recipe(grid=4))[0].style for i in range(700))
    assert set(styles) == set(styles_of(library)) - {"jazz"}  # whose parts are all on triplets
    assert min(styles.values()) > 20
    two = Recipe(styles=("house", "techno"), blend=True)
    assert {len({p.style for p in choose(library, np.random.default_rng(i), two)}) for i in range(30)} == {1, 2}


@pytest.mark.parametrize(
    "apart",
    [
        {"hats": part("closed |x-x-x-x-x-x-x-x-|", tempo=139)},
        {"hats": part("closed |x-x-x-x-x-x-x-x-|", style="soul")},
        {"hats": part("closed |x-x-x-x-x-x-|", meter=(3, 4))},
        {"kick": SIXTEENTHS, "hats": SWUNG},
    ],
)
def test_parts_that_cannot_be_combined_are_an_error_of_choose(apart):
    assert len(choose(small_library(), np.random.default_rng(0), STILL)) == 3
    with pytest.raises(
        DrumtokError, match=r"no kick, snare and hats parts of style .* can be combined on one grid with"
    ):
        choose(small_library(**apart), np.random.default_rng(0), STILL)


def test_an_unknown_style_is_an_error_that_lists_the_known_ones(library):
    with pytest.raises(
        DrumtokError, match=r"unknown style 'polka', must be one of any, afrobeat, boombap, .*uk-garage"
    ):
        choose(library, np.random.default_rng(0), Recipe(styles=("rock", "polka")))


@pytest.mark.parametrize("name", recipe_names())
def test_loops_have_their_length_and_the_lanes_of_their_parts(library, name):
    recipe = load_recipe(name)
    for loop in take(Loops(library, recipe, 3), 20):
        made = loop.pattern
        assert (made.bars, made.meter) == (recipe.bars, (4, 4))
        assert made.name == f"{'+'.join(p.name for p in loop.parts)}:{loop.number}"
        assert min(p.tempo for p in loop.parts) - 0.5 <= made.tempo <= max(p.tempo for p in loop.parts) + 0.5
        assert not (made.hits[:, 2] & made.hits[:, 3]).any()
        drums = recombine(loop.parts).hits.any(axis=0)
        assert made.hits.any(axis=0)[drums].all()


def test_a_loop_without_variation_is_its_parts(library):
    for loop in take(Loops(library, STILL, 1), 20):
        made = replace(recombine(loop.parts, 40), tempo=loop.pattern.tempo)
        assert loop.pattern == made
        for role, own in zip(ROLES, loop.parts, strict=True):
            drums = [LANES.index(drum) for drum in ROLES[role]]
            first = made.slice_bars(0, own.bars)
            assert np.array_equal(first.hits[:, drums], own.regridded(made.grid).hits[:, drums])


def test_outside_fills_a_bar_is_its_parts_but_for_a_few_hits(library):
    recipe = Recipe()
    same = 0
    for loop in take(Loops(library, recipe, 5), 40):
        plain = recombine(loop.parts, 40)
        changed = (loop.pattern.hits != plain.hits).reshape(40, -1).sum(axis=1)
        ends, after = set(range(7, 40, 8)), set(range(8, 40, 8))
        # five changes, of which an opened hat counts twice
        assert max(changed[bar] for bar in set(range(40)) - ends - after) <= 7
        same += (changed == 0).sum()
    assert 0.3 < same / 1600 < 0.7


def test_a_loop_is_not_one_bar_forty_times(library):
    fractions = []
    for loop in take(Loops(library, Recipe(), 7), 60):
        bars = loop.pattern.hits.reshape(40, -1)
        fractions.append((bars[1:] == bars[:-1]).all(axis=1).mean())
        assert len({bar.tobytes() for bar in bars}) >= 8
    assert np.mean(fractions) < 0.2
    assert max(fractions) < 0.6


def test_the_seed_decides_a_loop_whatever_else_is_made(library):
    some = take(Loops(library, Recipe(), 11), 12)
    again = take(Loops(library, Recipe(), 11), 5)
    for loop, other in zip(some, again, strict=False):
        assert (loop.pattern, loop.pattern.name) == (other.pattern, other.pattern.name)
    for loop in (some[7], some[2]):
        assert make_loop(library, Recipe(), 11, loop.number).pattern == loop.pattern
    assert [loop.pattern for loop in take(Loops(library, Recipe(), 12), 5)] != [loop.pattern for loop in again]
    assert make_loop(library, Recipe(), 11, 0).pattern != make_loop(library, Recipe(), 11, 1).pattern


def test_loops_of_two_splits_have_no_part_in_common(library):
    used = {}
    for split in SPLITS:
        loops = take(Loops(in_split(library, split), Recipe(bars=8), 1), 100)
        used[split] = {p.name for loop in loops for p in loop.parts}
    for one, other in itertools.combinations(SPLITS, 2):
        assert not used[one] & used[other]


def test_duplicates_are_rejected_and_counted():
    library = small_library()
    library["hats"] += (part("closed |x---x---x---x---|", "h2"),)
    numbers = set()
    for seed in range(10):
        loops = Loops(library, replace(STILL, bars=4), seed)
        first = take(loops, 2)
        assert {loop.parts[2].name for loop in first} == {"h", "h2"}
        assert loops.counts["duplicates"] == first[1].number - 1
        numbers.add(first[1].number)
    assert len(numbers) > 1
    with pytest.raises(DrumtokError, match="give 2 different loops and no other in 1000 tries"):
        take(loops, 3)


def test_a_loop_in_which_a_role_never_sounds_is_empty():
    late = part("closed |----------------|x-x-x-x-x-x-x-x-|", "late")
    library = small_library()
    library["hats"] += (late,)
    loops = Loops(library, replace(STILL, bars=1), 0)
    assert [p.name for p in next(iter(loops)).parts] == ["k", "s", "h"]
    library["hats"] = (late,)
    with pytest.raises(DrumtokError, match="give 0 different loops"):
        next(iter(loops))
    assert loops.counts == {"empties": 1000}


def test_vary_uses_the_settings_of_the_recipe():
    pattern = recombine([part("kick |x-x-x-x-x-x-x-x-|"), part("closed |x-x-x-x-x-x-x-x-|")], 16)
    only = {
        "drop_kick": lambda made: made.hits[:, 0].sum() == 8 * 16 - 16,
        "add_kick": lambda made: made.hits[:, 0].sum() == 8 * 16 + 16,
        "ghost_snare": lambda made: made.hits[:, 1].sum() == 16,
        "open_hat": lambda made: made.hits[:, 3].sum() == 16,
        "drop_hat": lambda made: made.hits[:, 2].sum() == 8 * 16 - 16,
    }
    assert vary(pattern, np.random.default_rng(0), STILL) == pattern
    for key, holds in only.items():
        assert holds(vary(pattern, np.random.default_rng(0), replace(STILL, **{key: 1.0}))), key
    filled = vary(pattern, np.random.default_rng(0), replace(STILL, fill_every=4, fills=("rest",), crash=1.0))
    assert np.flatnonzero(filled.hits[:, 8]).tolist() == [64, 128, 192]


def test_recipes_of_drumtok_name_styles_of_its_parts(library):
    assert {"default", "tiled"} < set(recipe_names())
    for name in recipe_names():
        recipe = load_recipe(name)
        assert recipe.name == name
        assert set(recipe.styles) <= {"any", *styles_of(library)}
    defaults = replace(Recipe(), name="default")
    assert load_recipe() == defaults
    assert replace(load_recipe("tiled"), name="") == STILL


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("speed = 2", f"unknown key 'speed', must be one of {', '.join(KEYS)}"),
        ("name = 'x'", "unknown key 'name'"),
        ("fills = ['gong']", "fills must be one of toms, snare-roll, linear, hat-roll, rest, got 'gong'"),
        ("fill_every = 3", "fill_every must be one of 0, 2, 4, 8, 16, got 3"),
        ("drop_kick = 1.5", "drop_kick must be between 0 and 1, got 1.5"),
        ("drop_kick = 'often'", "drop_kick must be a float, got 'often'"),
        ("styles = 'rock'", "styles must be a list, got 'rock'"),
        ("bars = [4]", r"bars must be a single value, got \[4\]"),
    ],
)
def test_a_wrong_recipe_is_an_error_that_names_the_file_and_what_is_known(tmp_path, text, message):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(DrumtokError, match=rf"recipe '.*mine\.toml': .*{message}"):
        load_recipe(str(path))


@pytest.mark.parametrize(
    ("data", "why"), [(b"bars = ", "Invalid value"), (b"\xff\xfe", "it is not UTF-8 text")], ids=["no TOML", "no UTF-8"]
)
def test_a_recipe_that_cannot_be_read(tmp_path, data, why):
    path = tmp_path / "mine.toml"
    path.write_bytes(data)
    with pytest.raises(DrumtokError, match=f"^cannot read recipe '{re.escape(str(path))}': {why}"):
        load_recipe(str(path))


def test_an_unknown_recipe():
    with pytest.raises(DrumtokError, match="unknown recipe 'salsa', must be one of band, club, default"):
        load_recipe("salsa")
    with pytest.raises(DrumtokError, match=r"cannot read recipe 'salsa\.toml': No such file"):
        load_recipe("salsa.toml")


def command(*arguments):
    return CliRunner().invoke(main, ["augment", *map(str, arguments)])


def test_the_command_writes_midi_files_with_their_origin(tmp_path, library):
    done = command("--count", 6, "--bars", 4, "--seed", 9, "--style", "trap", "--split", "all", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert done.output == f"made 6 loops, seed 9; rejected 0 duplicates and 0 empties: {tmp_path / 'out'}\n"
    paths = sorted((tmp_path / "out").iterdir())
    assert [path.name for path in paths] == [f"0000{n}-trap.mid" for n in range(1, 7)]
    whole = {role: sum((in_split(library, split)[role] for split in SPLITS), ()) for role in ROLES}
    loops = take(Loops(whole, replace(load_recipe(), bars=4, styles=("trap",)), 9), 6)
    for path, loop in zip(paths, loops, strict=True):
        assert read_midi(path, grid=loop.pattern.grid) == loop.pattern
    text = mido.MidiFile(paths[0]).tracks[0][0].text
    assert text.endswith(f"recipe default, bars 4, parts {', '.join(p.name for p in loops[0].parts)}")
    assert "loop 0 of seed 9" in text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


def test_the_command_writes_a_corpus_file(tmp_path, library):
    out = tmp_path / "loops.txt"
    done = command("--count", 5, "--bars", 8, "--seed", 2, "--split", "test", "--grid", 4, "--recipe", "club", out)
    assert done.exit_code == 0, done.output
    songs = list(parse_songs(out.read_text()))
    names = {p.name for role in ROLES for p in in_split(library, "test")[role]}
    assert [(song.bars, song.grid) for song in songs] == [(8, 4)] * 5
    assert len({song.name for song in songs}) == 5
    assert {part for song in songs for part in song.name.partition(":")[0].split("+")} <= names
    before = out.read_bytes()
    command("--count", 5, "--bars", 8, "--seed", 2, "--split", "test", "--grid", 4, "--recipe", "club", out)
    assert out.read_bytes() == before


@pytest.mark.parametrize("out", ["loops", "loops.txt"])
def test_loops_of_each_split_have_no_part_in_common(tmp_path, library, out):
    done = command("--count", 40, "--bars", 2, "--seed", 1, tmp_path / out)
    assert done.output.startswith("made 40 loops (32 train, 4 test, 4 validation), seed 1; rejected")
    parts_of = {split: set() for split in SPLITS}
    if out.endswith(".txt"):
        for entry in song_entries((tmp_path / out).read_text().splitlines()):
            parts_of[entry.split].update(entry.parts)
    else:
        assert {path.name for path in (tmp_path / out).iterdir()} == set(SPLITS)
        for path in (tmp_path / out).rglob("*.mid"):
            parts_of[path.parent.name].update(mido.MidiFile(path).tracks[0][0].text.rpartition("parts ")[2].split(", "))
    split_of = part_splits(library)
    for split in SPLITS:
        assert parts_of[split]
        assert {split_of[name] for name in parts_of[split]} == {split}


def test_parts_that_can_fill_one_side_alone_make_loops_to_train_on(tmp_path):
    for role, text in (("kick", "kick |x---x---|"), ("snare", "snare |----x---|"), ("hats", "closed |x-x-x-x-|")):
        (tmp_path / f"{role}.grid").write_text(f"NAME={role} METER=2/4\n{text}\n")
    done = command("--count", 3, "--bars", 40, "--parts", tmp_path, tmp_path / "out.txt")
    assert done.output.startswith("made 3 loops, seed")
    assert {entry.split for entry in song_entries((tmp_path / "out.txt").read_text().splitlines())} == {"train"}


def test_a_corpus_is_cut_into_parts_of_its_splits(tmp_path, library):
    """Loops of training songs are in the training split, and those of test songs in the test split."""
    command("--count", 60, "--bars", 8, "--grid", 4, "--style", "rock", "--seed", 1, tmp_path / "a.txt")
    build_corpus(tmp_path / "corpus", [open_source(str(tmp_path / "a.txt"))])
    done = command("--count", 20, "--bars", 8, "--parts", tmp_path / "corpus", tmp_path / "b.txt")
    assert done.exit_code == 0, done.output
    songs = open_corpus(tmp_path / "corpus").songs
    entries = list(song_entries((tmp_path / "b.txt").read_text().splitlines()))
    assert len(entries) == 20
    for entry in entries:
        own = {label(f"a.txt/{song['name']}".replace("+", "-")) for song in songs[entry.split]}
        assert {part.rpartition("/")[0] for part in entry.parts} <= own


def test_a_loop_pack_is_read_and_the_files_left_out_are_listed(tmp_path):
    loop = Pattern.from_grid("crash |x-x---x-|", meter=(2, 4))  # one drum, written as the note of another
    pack = tmp_path / "Pack"
    for name in ("01_Kick", "Snares/good 3", "Hi_Hat_01", "Piano"):
        (pack / name).parent.mkdir(parents=True, exist_ok=True)
        write_midi(loop, pack / f"{name}.mid")
    done = command("--count", 2, "--bars", 4, "--parts", pack, tmp_path / "out.txt")
    assert done.exit_code == 0, done.output
    (entry, _) = song_entries((tmp_path / "out.txt").read_text().splitlines())
    assert entry.parts == ("01_Kick", "Snares/good-3", "Hi_Hat_01")
    assert "skipped Piano.mid: the name of a loop must contain one of kick, snare, closed, open, ride" in done.output


def test_a_seed_that_nobody_gave_is_printed(tmp_path):
    done = command("--count", 2, "--bars", 2, tmp_path / "a.txt")
    seed = done.output.partition("seed ")[2].partition(";")[0]
    command("--count", 2, "--bars", 2, "--seed", seed, tmp_path / "b.txt")
    assert (tmp_path / "a.txt").read_bytes() == (tmp_path / "b.txt").read_bytes()


def test_an_empty_folder_is_filled_and_a_full_one_left_alone(tmp_path):
    (tmp_path / "empty").mkdir()
    assert command("--count", 1, "--bars", 1, tmp_path / "empty").exit_code == 0
    done = command("--count", 1, "--bars", 1, tmp_path / "empty")
    assert done.exit_code == 2
    assert "it exists and is not an empty folder" in done.output
    assert len(list((tmp_path / "empty").iterdir())) == 1


@pytest.mark.parametrize("out", ["loops", "loops.txt"])
def test_a_failure_leaves_nothing(tmp_path, library, out):
    def breaks_off():
        yield from take(Loops(library, Recipe(bars=1), 0), 3)
        raise DrumtokError("no more")

    with pytest.raises(DrumtokError, match="no more"):
        write_loops(tmp_path / out, breaks_off())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--style", "polka"], "unknown style 'polka', must be one of any, afrobeat"),
        (["--recipe", "salsa"], "unknown recipe 'salsa', must be one of band, club"),
        (["--grid", 5], "grid must be one of 3, 4, 6, 8, got 5"),
        (["--grid", 4, "--style", "jazz"], "of style jazz can be combined on 4 steps per beat"),
        (["--bars", 0], "bars must be between 1 and 1024, got 0"),
        (["--count", 0], "count must be at least 1, got 0"),
        (["--seed", -1], "seed must be at least 0, got -1"),
        (["--split", "dev"], "unknown split 'dev', must be one of each, all, train, validation, test"),
        (["--parts", "/nowhere"], "'/nowhere': it is not a folder"),
        (["--recipe", "tiled", "--style", "house", "--bars", 1, "--count", 999], "no other in 1000 tries"),
    ],
)
def test_bad_input_is_one_clear_line_and_exit_code_2(tmp_path, arguments, message):
    done = command("--count", 3, *arguments, tmp_path / "out")
    assert done.exit_code == 2
    assert message in done.output
    assert done.output.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_does_not_exist(tmp_path):
    done = command("--count", 3, tmp_path / "no" / "out")
    assert (done.exit_code, "no' does not exist" in done.output) == (2, True)
