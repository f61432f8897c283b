"""Make the sound examples, docs/examples/*.ogg and docs/examples.md: python docs/scripts/make_examples.py.

Needs the extra `docs` (soundfile writes Ogg Vorbis).
"""

import shlex
import tempfile
from contextlib import chdir
from pathlib import Path

import soundfile
from click.testing import CliRunner

from drumtok.cli.main import main as drumtok

DOCS = Path(__file__).resolve().parents[1]
# Name, what one hears, and the commands; the last one writes NAME.wav.
EXAMPLES = (
    ("funk", "Funk", ("sample --bars 4 --seed 3 --style funk --tempo 100 --wav --out funk.mid",)),
    ("rock", "Rock", ("sample --bars 4 --seed 11 --style rock --tempo 120 --wav --out rock.mid",)),
    (
        "boombap",
        "Boom bap, swung",
        ("sample --bars 4 --seed 5 --style boombap --tempo 90 --swing 58 --wav --out boombap.mid",),
    ),
    (
        "house",
        "House on a 909",
        ("sample --bars 4 --seed 4 --style house --tempo 124 --wav --kit 909 --out house.mid",),
    ),
    (
        "trap",
        "Trap with hat rolls, on a grid of thirty-seconds",
        (
            "sample --bars 4 --seed 2 --checkpoint thirtyseconds --style trap --guidance 2 --tempo 140 --wav "
            "--kit trap --out trap.mid",
        ),
    ),
    ("jazz", "Jazz kit", ("sample --bars 4 --seed 8 --style jazz --tempo 140 --wav --kit jazz --out jazz.mid",)),
    (
        "latin",
        "Latin, guidance 2",
        ("sample --bars 4 --seed 6 --style latin --guidance 2 --tempo 104 --wav --out latin.mid",),
    ),
    ("fill", "A fill", ("sample --bars 2 --seed 9 --kind fill --tempo 100 --wav --out fill.mid",)),
    ("late", "The funk beat with a drummer's timing", ("sample --like funk.mid --timing 1 --wav --out late.mid",)),
    (
        "around",
        "New hats around its kick and snare",
        ("sample --keep kick,snare --from funk.mid --seed 4 --wav --out around.mid",),
    ),
    (
        "varied",
        "Three tenths of it changed",
        ("vary funk.mid --amount 0.3 --seed 3 -o varied.mid", "render varied.mid"),
    ),
    ("seed", "The house beat on a kit that the sound model makes", ("render house.mid --kit seed:7 --out seed.wav",)),
    (
        "between",
        "The same on a kit between two",
        ("kit morph 808 jazz --out between", "render house.mid --kit between --out between.wav"),
    ),
    (
        "bass",
        "The trap beat with an 808 bass that glides",
        ("render trap.mid --kit 808 --bass '33,33>45' --out bass.wav",),
    ),
    ("form", "AABA, one bar a letter", ("sample --form AABA --section 1 --seed 12 --tempo 96 --wav --out form.mid",)),
)
HEAD = """# Sound examples

Each example is what its command writes with a bundled checkpoint. Run them in this order, as some read earlier files.
"""


def main() -> None:
    """Run every command in an empty folder, keep its sound as Ogg, and write the page."""
    out = DOCS / "examples"
    out.mkdir(exist_ok=True)
    page = [HEAD]
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        for name, title, commands in EXAMPLES:
            for command in commands:
                result = CliRunner().invoke(drumtok, shlex.split(command))
                assert result.exit_code == 0, result.output
            sound, rate = soundfile.read(f"{name}.wav")
            soundfile.write(out / f"{name}.ogg", sound, rate, format="OGG", subtype="VORBIS", compression_level=0.99)
            lines = "\n".join(f"drumtok {command}" for command in commands)
            page.append(f'## {title}\n\n<audio controls src="../examples/{name}.ogg"></audio>\n\n```sh\n{lines}\n```\n')
    (DOCS / "examples.md").write_text("\n".join(page), encoding="utf-8")


if __name__ == "__main__":
    main()
