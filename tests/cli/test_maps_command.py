"""`drumtok maps`: the list of maps, the page of one map, and the guess."""

import json

import pytest
from click.testing import CliRunner

from drumtok.cli.main import main
from drumtok.midi.files import to_midi_bytes
from drumtok.midi.note_maps import load_note_map, note_map_names
from drumtok.pattern import Pattern

BEAT = Pattern.from_grid(
    """
    kick   |x-------x-x-----|x-------x-------|
    snare  |----x-------x---|----x-------x---|
    closed |x-x-x-x-x-x-x-x-|x-x-x-x-x-x-x-x-|
    floor  |----------------|--------------xx|
    """
)


def run(*arguments):
    return CliRunner().invoke(main, ["maps", *map(str, arguments)])


def rows(*arguments):
    return json.loads(run(*arguments, "--json").stdout)


def test_the_list_has_each_map_with_its_sources():
    listed = {row["name"]: row for row in rows()}
    assert tuple(listed) == note_map_names()
    assert (listed["gm"]["differences"], listed["td11"]["differences"], listed["paper"]["differences"]) == (0, 1, 2)
    assert listed["ad2"]["title"] == "Addictive Drums 2"
    text = run().stdout
    assert "td11          Roland TD-11; 1 notes differ from gm" in text
    assert all(source in text for row in listed.values() for source in row["sources"])


def test_a_map_is_shown_with_the_written_note_first(tmp_path):
    assert "kick    36 35\n" in run("show", "gm").stdout
    shown = rows("show", "ad2")
    assert shown["written"]["closed"] == shown["notes"]["closed"][0] == 49
    (tmp_path / "my.toml").write_text('base = "none"\n[notes]\n60 = "kick"\n')
    text = run("show", tmp_path / "my.toml").stdout
    assert "a map of your own" in text
    assert "kick    60\nsnare   -\n" in text


def test_an_unknown_map_is_an_error():
    result = run("show", "ad")
    assert result.exit_code == 2
    assert "unknown note map 'ad', must be one of gm, ad2" in result.stderr
    assert result.stderr.rstrip().endswith("did you mean 'ad2'?")


def test_the_guess_ranks_all_maps(tmp_path):
    for name in ("gm", "ad2", "dtxplorer"):
        (tmp_path / f"{name}.mid").write_bytes(to_midi_bytes(BEAT, note_map=name))
    (tmp_path / "broken.mid").write_bytes(b"MThd")
    guessed = run("guess", *tmp_path.glob("*.mid"), "--json")
    assert "skipped cannot read" in guessed.stderr
    ranked = {path.rpartition("/")[2]: ranks for path, ranks in json.loads(guessed.stdout).items()}
    assert {name: ranks[0]["name"] for name, ranks in ranked.items()} == {
        "gm.mid": "gm",
        "ad2.mid": "ad2",
        "dtxplorer.mid": "dtxplorer",
    }
    assert ranked["ad2.mid"][0]["explained"] == 1
    assert sorted(rank["name"] for rank in ranked["ad2.mid"]) == sorted(note_map_names())


def test_a_map_of_ones_own_is_ranked_too(tmp_path):
    mine = tmp_path / "mine.toml"
    notes = enumerate(("kick", "snare", "closed", "open", "floor", "low", "high", "ride", "crash"), 100)
    mine.write_text('base = "none"\n[notes]\n' + "".join(f'{note} = "{lane}"\n' for note, lane in notes))
    (tmp_path / "beat.mid").write_bytes(to_midi_bytes(BEAT, note_map=str(mine)))
    assert next(iter(rows("guess", tmp_path / "beat.mid", "--map", mine).values()))[0]["name"] == str(mine)


@pytest.mark.parametrize("channel", [1, 10])
def test_the_channel_of_the_drums_does_not_matter(tmp_path, channel):
    data = to_midi_bytes(BEAT, note_map="bfd3", midi_type=0)
    (tmp_path / "beat.mid").write_bytes(data.replace(b"\x99", bytes([0x90 + channel - 1])))
    assert rows("guess", tmp_path / "beat.mid")[str(tmp_path / "beat.mid")][0]["name"] == "bfd3"


def test_nothing_to_guess_is_an_error(tmp_path):
    (tmp_path / "empty.mid").write_bytes(to_midi_bytes(Pattern.from_grid("kick |----|", meter=(1, 4))))
    result = run("guess", tmp_path / "empty.mid")
    assert result.exit_code == 2
    assert "cannot guess the note map of" in result.stderr


def test_names_of_maps_are_completed():
    from drumtok.cli.encode import encode

    (option,) = [one for one in encode.params if "--map" in one.opts]
    assert [item.value for item in option.shell_complete(None, "ss")] == ["ssd5"]
    assert load_note_map("ssd5").title == "Steven Slate Drums 5"
