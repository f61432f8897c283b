"""Find the drum in the name of a file, folder or track, as in loop packs: `01_Kick.mid`, `Hats/Open 3.mid`.

Such files contain one drum on any pitch, which only the name identifies. `WORDS` lists the words of each kind,
`NAMED_DRUMS` the kinds that name each drum. A name that fits no drum, or two, names none.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from drumtok.midi.name_languages import folded, in_english

# kind -> its words in lower case. In loops, a clap or a snap takes the part of the snare.
WORDS = {
    "kick": "kick kicks kik kiks kck bd kd",
    "snare": "snare snares snr snar sn sd rim rims rimshot rimshots clap claps clp cp snap snaps",
    "hat": "hat hats hihat hihats highhat highhats hh hhs",
    "open hat": "oh ohh ohs hho",
    "closed hat": "ch chh chs hhc",
    "tom": "tom toms",
    "high tom": "ht",
    "low tom": "lt mt",
    "ride": "ride rides",
    "crash": "crash crashes splash splashes china chinas chinese crsh",
    "percussion": "perc percs percussion shaker shakers tambourine tambourines tamb cowbell cowbells conga congas "
    "bongo bongos timbale timbales agogo cabasa maracas maraca guiro claves clave woodblock woodblocks triangle "
    "triangles cuica whistle vibraslap djembe tabla cajon bell bells surdo tamborim "
    "repique taiko darbuka bodhran gong gongs castanet castanets whip ratchet anvil",
    "open": "open opened",
    "closed": "closed close pedal foot",
    "high": "high hi rack",
    "mid": "mid middle medium",
    "low": "low lo",
    "floor": "floor",
}
OTHER = "other"  # a drum outside the kit
ABBREVIATIONS = frozenset(
    ("bd", "kd", "sd", "sn", "cp", "oh", "ch", "ht", "lt", "mt")
)  # initials of other things as well
QUALITIES = frozenset(("open", "closed", "high", "mid", "low", "floor"))
# Words for melodic instruments. Next to a drum they describe its sound (`Synth Tom`); alone they rule out a drum.
TUNED = (
    "bass basses bassline basslines sub chord chords melody melodies lead leads pad pads piano keys pluck plucks arp "
    "arps synth synths strings guitar vox vocal vocals brass organ"
)


@dataclass(frozen=True)
class NamedDrum:
    """A drum (a lane of the kit or `OTHER`), and the kinds of words that name it together."""

    lane: str
    kinds: frozenset[str]


def _drum(lane: str, *kinds: str) -> NamedDrum:
    return NamedDrum(lane, frozenset(kinds))


# Of rows that fit one name, one with more kinds replaces those whose kinds it includes.
NAMED_DRUMS = (
    _drum("kick", "kick"),
    _drum("snare", "snare"),
    _drum("closed", "hat"),
    _drum("closed", "closed", "hat"),
    _drum("closed", "closed hat"),
    _drum("open", "open", "hat"),
    _drum("open", "open hat"),
    _drum("low", "tom"),  # the middle one of three; the number in `Tom 3` counts the files of a pack
    _drum("low", "low", "tom"),
    _drum("low", "mid", "tom"),
    _drum("low", "low tom"),
    _drum("high", "high", "tom"),
    _drum("high", "high", "mid", "tom"),
    _drum("high", "high tom"),
    _drum("floor", "floor", "tom"),
    _drum("floor", "low", "floor", "tom"),
    _drum("floor", "high", "floor", "tom"),
    _drum("ride", "ride"),
    _drum("ride", "ride", "percussion"),  # its bell
    _drum("crash", "crash"),
    _drum(OTHER, "percussion"),
)

# Drum machines, modules and software: their names mean a whole kit, and their words no single drum.
_PRODUCTS = (
    r"SD[23]|(?:SUPERIOR|EZ|SESSION) ?DRUMMER ?\d?|EZD[123]?|ADDICTIVE ?DRUMS? ?\d?|AD[12]|SSD[345]?|BFD\d?|GGD"
    r"|STEVEN ?SLATE ?(?:DRUMS?)? ?\d?|GET ?GOOD ?DRUMS?|DRUM ?KIT ?DESIGNER|MT ?POWER ?(?:DRUM ?KIT)?"
    r"|DRUM ?RACK|GROOVE ?AGENT ?\d?|TD ?\d{1,2}[A-Z]{0,3}|TR ?[5-9]0[5-9]|LINN ?DRUM|DRUM ?BRUTE|ULTRABEAT|DTX\w*"
)
PRODUCTS = re.compile(rf"(?<![^\W_])(?:{_PRODUCTS.replace(' ?', '[ _-]?')})(?![^\W_])", re.IGNORECASE)
KINDS_OF = {word: kind for kind, words in WORDS.items() for word in words.split()}
_TUNED = frozenset(TUNED.split())
_ENDING = re.compile(r"\.(?:midi?|kar|rmi|smf)$", re.IGNORECASE)
SPLITS = (  # where a new word begins without a separator
    re.compile(r"(?<=[a-z])(?=[A-Z])"),
    re.compile(r"(?<=[A-Z])(?=[A-Z][a-z])"),
    re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])"),
)
PHRASES = (  # words that mean something else together
    (re.compile(r"\bdrums? (?:and |n |x )?bass\b|\bdnb\b"), ""),  # a style
    (
        re.compile(r"\bch \d+\b|\bmt 32\b|\boh (?=[a-z]{3})(?!open|closed|hat|hh|loop)"),
        "",
    ),  # a channel, a synthesizer, a sigh
    (re.compile(r"\b(kick|snare|clap|hat|tom|ride|crash|bass)(drum|loop|roll|pattern|fill|groove|beat)"), r"\1 \2"),
    (re.compile(r"\b(open|closed|low|lo|mid|high|hi|floor|rack)(hats?|toms?|hh)\b"), r"\1 \2"),
    (re.compile(r"\b(hat|hh|tom)(open|closed|low|mid|high|floor)\b"), r"\1 \2"),
    (re.compile(r"\b(snare|drum|cymbal)(lines?)\b"), r"\1 \2"),
    (re.compile(r"\btam tams?\b"), "gong"),
    (re.compile(r"\bbass drums?\b"), "kick"),
    (re.compile(r"\b(?:hi|high) (hats?|hh)\b"), r"\1"),
    (re.compile(r"\b(?:side|cross) ?sticks?\b"), "rim"),
    (re.compile(r"\bcow bells?\b"), "cowbell"),
    (re.compile(r"\bwood blocks?\b"), "woodblock"),
)


def drum_from_name(path_text: str) -> str | None:
    """Return the lane of the only drum that a path names, `OTHER` for a drum outside the kit, or None.

    The file's name counts first, then its folders from the innermost outwards. A folder can narrow the name
    (`Open Hats/Hat 1.mid`, `Toms/Floor/Tom 1.mid`) but never contradict it.

    Args:
        path_text: a path or a name, with slashes of either kind, with or without its ending.

    >>> [drum_from_name(path) for path in ("02_Trap_Hat.mid", "Hats/Open 3.mid", "808 clap", "Kick and Snare.mid")]
    ['closed', 'open', 'snare', None]
    """
    parts = [part for part in re.split(r"[/\\]", _ENDING.sub("", path_text)) if part]
    known: set[str] = set()
    found: frozenset[NamedDrum] = frozenset()
    for part in reversed(parts):
        words = words_of(part)
        kinds = {KINDS_OF[word] for word in words if word in KINDS_OF}
        if not found:
            known |= kinds
            found = _drums_by(known)
            if not found and not _TUNED.isdisjoint(words):
                return None
        elif len(found) == 1:
            bare = kinds <= QUALITIES and all(word in KINDS_OF for word in words)  # `Open`, not `Open Air Techno`
            further = _drums_by(known | kinds if bare else kinds)
            if len(further) == 1 and next(iter(found)).kinds < next(iter(further)).kinds:
                found, known = further, known | kinds
    lanes = {drum.lane for drum in found}
    return lanes.pop() if len(lanes) == 1 else None


def drums_in_name(name: str) -> frozenset[str]:
    """Return the lanes of the drums that a single name names, `OTHER` for those outside the kit; a slash parts words.

    >>> sorted(drums_in_name("Kick/Snare")), sorted(drums_in_name("Open Hat")), sorted(drums_in_name("Ch 1"))
    (['kick', 'snare'], ['open'], [])
    """
    return frozenset(drum.lane for drum in _drums_by({KINDS_OF[word] for word in words_of(name) if word in KINDS_OF}))


def is_abbreviated(name: str) -> bool:
    """Check whether all words for drums in a name are abbreviations.

    >>> is_abbreviated("SD Strings"), is_abbreviated("BD Kick")
    (True, False)
    """
    words = {word for word in words_of(name) if word in KINDS_OF and KINDS_OF[word] not in QUALITIES}
    return bool(words) and words <= ABBREVIATIONS


@lru_cache(maxsize=4096)
def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a name in English and lower case, without numbers and without products.

    >>> words_of("TrapHats_02 (open)"), words_of("SD3"), words_of("SD_3")
    (('trap', 'hats', 'open'), (), ('sd',))
    """
    name = PRODUCTS.sub(" ", name)
    for split in SPLITS:
        name = split.sub(" ", name)
    name = in_english(" ".join(re.findall(r"[^\W_]+", folded(name))))
    for pattern, replacement in PHRASES:
        name = pattern.sub(replacement, name)
    return tuple(word for word in name.split() if not word.isdigit())


def _drums_by(kinds: set[str]) -> frozenset[NamedDrum]:
    """Return the rows that some kinds of words fit, without those that another of these includes."""
    fitting = [drum for drum in NAMED_DRUMS if drum.kinds <= kinds]
    return frozenset(drum for drum in fitting if not any(drum.kinds < other.kinds for other in fitting))
