"""Names that tell a drum: `01_Kick.mid`, `Hi_Hat_01.mid`, a track called `Snare`, a folder `Claps`; one table."""

import re
from dataclasses import dataclass
from pathlib import PurePath


@dataclass(frozen=True)
class Role:
    """What a name can say: a drum, the note that General MIDI gives it, and how it is written (a regular expression).

    A pattern meets whole words in lower case, parted by single spaces, numbers parted from letters.
    """

    name: str
    note: int
    pattern: str


# Of two rows that fit, the upper one counts: `open hat` is told before `hat`, `ride bell` before `bell` and `ride`.
ROLES = (
    Role("pedal hi-hat", 44, r"(foot|pedal) (hi ?|high ?)?hats?|(hi ?|high ?)?hats? (foot|pedal)|phh?"),
    Role("open hi-hat", 46, r"open(ed)? (hi ?|high ?)?hats?|(hi ?|high ?)?hats? open(ed)?|ohh?|open hh|hho"),
    Role("closed hi-hat", 42, r"(closed? )?(hi ?|high ?)?hats?( closed?)?|chh?|closed? hh|hhc?|hi ?hats?"),
    Role("side stick", 37, r"(side|cross) ?sticks?|rim ?(shots?|clicks?)?s?"),
    Role("kick", 36, r"kicks?( drums?)?|kik|bass ?drums?|bd|kd"),
    Role("snare", 38, r"snares?( drums?)?|snr|sd"),
    Role("hand clap", 39, r"(hand ?)?claps?|clp|(finger ?)?snaps?"),
    Role("floor tom", 41, r"floor ?toms?|toms? floor"),
    Role("high tom", 48, r"(hi|high|rack) ?toms?|toms? (hi|high)"),
    Role("low tom", 45, r"(low?|mid(dle)?) ?toms?|toms? (low?|mid(dle)?)|toms?"),
    Role("ride bell", 53, r"(ride )?bells?"),
    Role("ride", 51, r"rides?( cymbals?)?"),
    Role("china", 52, r"(china|chinese)( cymbals?)?"),
    Role("splash", 55, r"splash(es)?( cymbals?)?"),
    Role("crash", 49, r"crash(es)?( cymbals?)?|cymbals?"),
    Role("tambourine", 54, r"tamb(ourines?)?"),
    Role("cowbell", 56, r"cow ?bells?"),
    Role("bongo", 60, r"bongos?"),
    Role("conga", 63, r"congas?"),
    Role("timbale", 65, r"timbales?"),
    Role("agogo", 67, r"agogos?"),
    Role("shaker", 70, r"shakers?|maracas?"),
    Role("clave", 75, r"claves?"),
    Role("wood block", 76, r"wood ?blocks?"),
    Role("triangle", 81, r"triangles?"),
)
_PATTERNS = tuple((role, re.compile(rf"\b(?:{role.pattern})\b")) for role in ROLES)
_DRUMS = re.compile(r"\b(drums?|drum ?(set|kit|loop|track)s?|kit|perc|percussions?|batterie|bateria|schlagzeug)\b")
_MELODIC = re.compile(r"\b(steel|tongue|hang|kettle|synth|melodic) (drums?|percussions?)\b|\bdrum ?(and|n) ?bass\b")


def role_of_name(name: str) -> Role | None:
    """The one drum that a name tells, None where it tells none or several.

    >>> [role_of_name(name).name for name in ("02_Trap_Hat", "open hat 3", "808 clap")]
    ['closed hi-hat', 'open hi-hat', 'hand clap']
    >>> role_of_name("Kick & Snare")
    """
    words, found = _words(name), set()
    for role, pattern in _PATTERNS:
        words, times = pattern.subn("|", words)  # what one row has taken is not there for the rows below
        if times:
            found.add(role)
    return found.pop() if len(found) == 1 else None


def role_of_path(path: str) -> Role | None:
    """The drum that the name of a file tells, or the folder that it is in.

    >>> role_of_path("pack/Snares/good 01.mid").name
    'snare'
    """
    pure = PurePath(path.replace("\\", "/"))
    return role_of_name(pure.stem) or (role_of_name(pure.parent.name) if not _says_drum(pure.stem) else None)


def says_drums(name: str) -> bool:
    """Whether a track's name says that it is drums, or one of them.

    >>> [says_drums(name) for name in ("Drums", "Live Kit 2", "Snare", "Steel Drums", "Piano")]
    [True, True, True, False, False]
    """
    words = _words(name)
    return not _MELODIC.search(words) and (bool(_DRUMS.search(words)) or _says_drum(name))


def _says_drum(name: str) -> bool:
    words = _words(name)
    return any(pattern.search(words) for _, pattern in _PATTERNS)


def _words(name: str) -> str:
    """`01_TrapHat` -> `01 trap hat`."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", " ", name[:200])
    return " ".join(re.findall(r"[^\W_]+", parted)).lower()
