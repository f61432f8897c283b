"""`drumtok styles`, and styles in `drumtok sample`."""

import json
import zipfile

import mido
import numpy as np
import pytest
from click.testing import CliRunner
from textbook_beats import textbook_beats

from drumtok.cli.main import main
from drumtok.generation.generate import generate
from drumtok.generation.vary import vary
from drumtok.midi.files import read_midi, to_midi_bytes
from drumtok.pattern import Pattern
from drumtok.sampling.signatures import signatures, style_groups


def run(*arguments):
    return CliRunner().invoke(main, list(map(str, arguments)))


def test_all_styles_are_listed_with_their_tempo():
    lines = run("styles").stdout.splitlines()
    for name in signatures():
        assert any(line.startswith(f"{name} ") for line in lines)
    (trap,) = (line for line in lines if line.startswith("trap "))
    assert "142 BPM" in trap
    titles = [line for line in lines if line.endswith(":")]
    assert titles == [f"{title}:" for title in style_groups()]
    assert lines.index("Jazz:") < lines.index(next(line for line in lines if line.startswith("brushes ")))


def test_a_style_that_a_checkpoint_does_not_know_is_listed_with_one_like_it(small_checkpoint_path):
    lines = run("styles", "--checkpoint", small_checkpoint_path).stdout.splitlines()
    (metal,) = (line for line in lines if line.startswith("metal "))
    assert metal.endswith("like rock")
    (rock,) = (line for line in lines if line.startswith("rock "))
    assert "like" not in rock


def test_rules_are_printed_on_request():
    assert "    snare on 3" in run("styles", "--rules").stdout.splitlines()


def test_json_holds_the_signatures():
    listed = json.loads(run("styles", "--json").stdout)
    assert listed["signatures"]["house"]["rules"][0] == "kick on beats"
    assert listed["checkpoint"] == "default"
    assert "trap" in listed["groups"]["Hip hop and trap"]


def test_the_likeliest_styles_of_a_file_are_printed(tmp_path):
    path = tmp_path / "a.mid"
    (beat,) = (beat for beat in textbook_beats() if beat.style == "reggae")
    path.write_bytes(to_midi_bytes(beat))
    printed = run("styles", "--of", path)
    assert printed.exit_code == 0, printed.output
    assert printed.stdout.splitlines()[0] == "reggae"
    assert json.loads(run("styles", "--of", path, "--json").stdout) == printed.stdout.splitlines()
    path.write_bytes(to_midi_bytes(Pattern(np.zeros((16, 9), dtype=bool))))
    failed = run("styles", "--of", path)
    assert (failed.exit_code, "it has no drum hits" in failed.output) == (2, True)
    assert run("styles", "--of", tmp_path / "none.mid").exit_code == 2


@pytest.mark.parametrize(("style", "name"), [("boom bap", "boombap"), ("drill", "drill")])
def test_a_style_has_its_tempo_and_is_kept(style, name, tmp_path):
    path = tmp_path / "a.mid"
    result = run("sample", "--style", style, "--bars", 4, "--seed", 5, "--dynamics", 0, "--out", path)
    assert result.exit_code == 0, result.output
    own = signatures()[name]
    tempi = [message.tempo for message in mido.MidiFile(path).tracks[0] if message.type == "set_tempo"]
    assert mido.tempo2bpm(tempi[0]) == pytest.approx(own.tempo[1], abs=0.01)
    pattern = read_midi(path, grid=8 if own.grids[0] == 8 else 4, offsets=False)
    assert own.broken(pattern) == []


def test_swing_follows_the_style_unless_it_is_set(tmp_path):
    def offsets(*options):
        path = tmp_path / "a.mid"
        assert (
            run("sample", "--bars", 2, "--seed", 1, "--dynamics", 0, "--force", "--out", path, *options).exit_code == 0
        )
        late = read_midi(path).offset[1::2].astype(float)
        return set(late.round(2).ravel().tolist()) - {0.0}

    assert offsets("--style", "boombap") == {0.14}  # swing 57: the second of two sixteenths begins at 57 % of the pair
    assert offsets("--style", "boombap", "--swing", "50") == set()
    assert offsets() == set()


def test_a_given_pattern_keeps_its_grid_in_a_style_of_another():
    beat = Pattern.from_grid("kick |x-------x-------|\nsnare |----x-------x---|")
    assert generate(beat, bars=1, rng=1, style="trap").grid == 4
    assert generate(1, keep=["kick"], source_pattern=beat, particles=2, style="trap").grid == 4
    assert vary(beat, 0.5, rng=1, particles=2, style="trap").grid == 4
    assert generate(1, bars=1, style="trap").grid == 8


@pytest.mark.parametrize("other", [["--form", "AB"], ["--keep", "kick"], ["--fill-bars", "1"]])
def test_candidates_are_refused_where_one_is_written(other):
    failed = run("sample", "--candidates", 6, *other)
    assert failed.exit_code == 2
    assert f"candidates cannot be combined with {other[0][2:].replace('-', '_')}" in failed.output


@pytest.mark.parametrize("style", ["trap", "Boom Bap"])
def test_a_packed_pattern_equals_that_of_sample(style, tmp_path):
    one = ("--style", style, "--bars", 1, "--seed", 3, "--dynamics", 0)
    assert run("sample", *one, "--out", tmp_path / "a.mid").exit_code == 0
    assert run("pack", *one, "--count", 1, "--jobs", 1, "--out", tmp_path / "packs").exit_code == 0
    (archive,) = (tmp_path / "packs").glob("*.zip")
    with zipfile.ZipFile(archive) as packed:
        (name,) = [name for name in packed.namelist() if name.endswith(".mid")]
        assert packed.read(name) == (tmp_path / "a.mid").read_bytes()


@pytest.mark.parametrize("style", ["trap", "boombap"])
def test_a_file_in_a_style_is_made_again(style, tmp_path):
    first, again = tmp_path / "a.mid", tmp_path / "b.mid"
    assert run("sample", "--style", style, "--bars", 2, "--seed", 1, "--out", first).exit_code == 0
    assert run("sample", "--like", first, "--out", again).exit_code == 0
    assert again.read_bytes() == first.read_bytes()
