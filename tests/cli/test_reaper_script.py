"""The REAPER script, run by a Lua interpreter with a stand-in for REAPER and the real command line."""

from pathlib import Path

import pytest
from reaper_stand_in import Reaper

from drumtok import read_midi

lupa = pytest.importorskip("lupa")
SCRIPT = (Path(__file__).parents[2] / "extras" / "reaper" / "drumtok.lua").read_text(encoding="utf-8")
# Two bars, from the quarter note 4 on: a kick on each beat, a snare, a muted ride, and notes outside the item.
START = 4.0
NOTES = [
    *((START + beat, START + beat + 0.25, 36, 100, False) for beat in range(8)),
    (START + 1.125, START + 1.25, 38, 70, False),
    (START + 2, START + 3, 51, 90, True),
    (START - 1, START, 49, 90, False),
    (START + 8, START + 9, 49, 90, False),
]


@pytest.fixture
def reaper(tmp_path, small_checkpoint_path):
    return Reaper(tmp_path, "", NOTES, position=2.0, length=4.0, checkpoint=small_checkpoint_path)


def run(reaper, answers):
    reaper.answers = answers
    reaper.run(lupa.LuaRuntime(unpack_returned_tuples=True), SCRIPT)
    return reaper.calls[1:]


def names(reaper):
    return sorted(path.name for path in reaper.folder.iterdir())


def test_writing_fills_the_item_with_a_new_take(reaper):
    calls = run(reaper, "write,funk,0.3,7,drumtok")
    assert calls == [("begin",), ("insert", "drumtok-write-1.mid", 3), ("end", "drumtok: write"), ("update",)]
    made = read_midi(reaper.folder / "drumtok-write-1.mid")
    assert (made.bars, made.meter, made.tempo) == (2, (4, 4), 120)
    assert "--style funk --seed 7" in reaper.commands[0]
    run(reaper, "write,,0.3,7,drumtok")
    assert names(reaper) == ["drumtok-write-1.mid", "drumtok-write-2.mid"]


def test_writing_without_an_item_goes_to_the_cursor(reaper):
    reaper.notes, reaper.meter = None, (3, 4)
    assert run(reaper, "write,,0.3,7,drumtok")[1] == ("insert", "drumtok-write-1.mid", 0)
    made = read_midi(reaper.folder / "drumtok-write-1.mid")
    assert (made.bars, made.meter) == (4, (3, 4))


def test_notes_of_the_item_alone_reach_the_command(reaper):
    run(reaper, "humanise,,0.3,1,drumtok")
    made = read_midi(reaper.folder / "drumtok-humanise-1.mid", offsets=False)
    assert made.bars == 2
    assert made.hits.sum(axis=0).tolist() == [8, 1, 0, 0, 0, 0, 0, 0, 0]
    assert [int(step) for step in made.hits[:, 0].nonzero()[0]] == list(range(0, 32, 4))
    assert names(reaper) == ["drumtok-humanise-1.mid"]


@pytest.mark.slow
def test_varying_keeps_most_and_a_fill_all_but_the_last_bar(reaper):
    run(reaper, "vary,,0.2,3,drumtok")
    reaper.checkpoint = None  # the small network was not trained on fills
    run(reaper, "fill,,0.2,3,drumtok")
    varied, filled = (read_midi(reaper.folder / f"drumtok-{name}-1.mid", offsets=False) for name in ("vary", "fill"))
    run(reaper, "humanise,,0.2,3,drumtok")
    before = read_midi(reaper.folder / "drumtok-humanise-1.mid", offsets=False)
    assert 0 < (varied.hits != before.hits).sum() < before.hits.size / 2
    assert (filled[0].hits == before[0].hits).all()
    assert (filled[1].hits != before[1].hits).any()
    assert "--fill-bars 2" in reaper.commands[1]


def test_continuing_goes_after_the_item(reaper):
    calls = run(reaper, "continue,,0.3,3,drumtok")
    assert calls[1:3] == [("cursor", 6.0), ("insert", "drumtok-continue-1.mid", 0)]
    assert read_midi(reaper.folder / "drumtok-continue-1.mid").bars == 2


def test_settings_are_remembered_and_cancelling_does_nothing(reaper):
    run(reaper, "humanise,funk,0.5,1,drumtok")
    reaper.calls.clear()
    assert run(reaper, None) == []
    assert reaper.calls == [("ask", "humanise,funk,0.5,,drumtok")]


@pytest.mark.parametrize(
    ("answers", "change", "message"),
    [
        ("dance,,0.3,,drumtok", {}, "action must be one of write, vary, humanise, fill, continue, got dance"),
        ("vary,,0.3,,drumtok", {"notes": None}, "vary requires a selected MIDI item"),
        ("vary,,0.3,,drumtok", {"is_midi": False}, "vary requires a selected MIDI item"),
        ("vary,,0.3,,drumtok", {"notes": []}, "the selected item must have notes, got none"),
        ("vary,,7,,drumtok", {}, "Error: amount must be between 0 and 1, got 7"),
        ('write,po"lka,0.3,,drumtok', {}, 'text must have no quotes, got po"lka'),
        ("write,,0.3,,nothing", {"is_installed": False}, "cannot run drumtok"),
    ],
)
def test_errors_are_a_message_and_leave_no_file(reaper, answers, change, message):
    for name, value in change.items():
        setattr(reaper, name, value)
    ((kind, shown),) = run(reaper, answers)
    assert kind == "message"
    assert shown.startswith(message)
    assert names(reaper) == []
