"""Beats as in a textbook: one or two bars of each style, at a usual tempo."""

from drumtok.tokenizer.text import parse_grooves

TEXTBOOK_BEATS = """
NAME=rock STYLE=rock TEMPO=120
kick   |x-------x-------|
snare  |----x-------x---|
closed |x-x-x-x-x-x-x-x-|

NAME=punk STYLE=punk TEMPO=190
kick   |x-----x-x-----x-|
snare  |----x-------x---|
closed |x-x-x-x-x-x-x-x-|

NAME=metal STYLE=metal TEMPO=180
kick   |xxxxxxxxxxxxxxxx|
snare  |----x-------x---|
ride   |x---x---x---x---|

NAME=funk STYLE=funk TEMPO=102
kick   |x-x-------x--x--|
snare  |----x--x-x--x--x|
closed |xxxxxxxxxxxxxxxx|

NAME=disco STYLE=disco TEMPO=118
kick   |x---x---x---x---|
snare  |----x-------x---|
closed |xx-xxx-xxx-xxx-x|
open   |--x---x---x---x-|

NAME=house STYLE=house TEMPO=124
kick   |x---x---x---x---|
snare  |----x-------x---|
open   |--x---x---x---x-|

NAME=techno STYLE=techno TEMPO=130
kick   |x---x---x---x---|
open   |--x---x---x---x-|
closed |xx-xxx-xxx-xxx-x|

NAME=trance STYLE=trance TEMPO=138
kick   |x---x---x---x---|
snare  |----x-------x---|
open   |--x---x---x---x-|

NAME=trap STYLE=trap TEMPO=140 GRID=32
kick   |x-------------x-----x-----------|
snare  |----------------x---------------|
closed |x---x---x---x---x---x---xxxxxxxx|

NAME=drill STYLE=drill TEMPO=142
kick   |x-----x---------|x--x------x-----|
snare  |--------x-------|------------x---|
closed |x--x--x-x--x--x-|x--x--x-x--x--x-|

NAME=boombap STYLE=boombap TEMPO=90
kick   |x------x--x-----|x-x----x--x-----|
snare  |----x-------x---|----x-------x---|
closed |x-x-x-x-x-x-x-x-|x-x-x-x-x-x-x-x-|

NAME=drum-and-bass STYLE=drum-and-bass TEMPO=174
kick   |x---------x-----|
snare  |----x-------x---|
closed |x-x-x-x-x-x-x-x-|

NAME=two-step STYLE=two-step TEMPO=132
kick   |x---------x-----|x------x--x-----|
snare  |----x-------x---|----x-------x---|
closed |--x--xx---x--xx-|--x--xx---x--xx-|

NAME=dubstep STYLE=dubstep TEMPO=140
kick   |x---------------|x-----x---------|
snare  |--------x-------|--------x-------|
closed |x-x-x-x-x-x-x-x-|x-x-x-x-x-x-x-x-|

NAME=jersey-club STYLE=jersey-club TEMPO=138
kick   |x---x---x--x--x-|
snare  |----x-------x---|

NAME=reggaeton STYLE=reggaeton TEMPO=94
kick   |x---x---x---x---|
snare  |---x--x----x--x-|
closed |x-x-x-x-x-x-x-x-|

NAME=reggae STYLE=reggae TEMPO=144
kick   |--------x-------|
snare  |--------x-------|
closed |x-x-x-x-x-x-x-x-|

NAME=steppers STYLE=steppers TEMPO=140
kick   |x---x---x---x---|
snare  |--------x-------|
closed |x-x-x-x-x-x-x-x-|

NAME=bossa-nova STYLE=bossa-nova TEMPO=130
kick   |x-----x-x-----x-|x-----x-x-----x-|
snare  |x-----x-----x---|----x-----x-----|
closed |x-x-x-x-x-x-x-x-|x-x-x-x-x-x-x-x-|

NAME=samba STYLE=samba TEMPO=104
kick   |x--xx--xx--xx--x|
snare  |x-x--x-x-xx-x-x-|
closed |xxxxxxxxxxxxxxxx|

NAME=son STYLE=son TEMPO=124
kick   |------x-----x---|
snare  |----x-------x-x-|
ride   |x---x---x---x---|

NAME=jazz STYLE=jazz TEMPO=150 GRID=12
ride   |x--x-xx--x-x|
closed |---x-----x--|

NAME=country STYLE=country TEMPO=112
kick   |x---x---x---x---|
snare  |xxXxxxXxxxXxxxXx|

NAME=amapiano STYLE=amapiano TEMPO=112
kick   |x---x---x---x---|
snare  |---x--x----x--x-|
closed |x-xxx-xxx-xxx-xx|
low    |---x--x-x-----x-|

NAME=dembow STYLE=dembow TEMPO=118
kick   |x---x---x---x---|
snare  |---x--x----x--x-|

NAME=half-time STYLE=half-time TEMPO=78
kick   |x-----x---x-----|
snare  |--------x-------|
closed |x-x-x-x-x-x-x-x-|

NAME=lofi STYLE=lofi TEMPO=78
kick   |x------x--x-----|
snare  |----x-------x---|
closed |x-x-x-x-x-x-x-x-|

NAME=electro STYLE=electro TEMPO=128
kick   |x-----x---x-----|
snare  |----x-------x---|
closed |x-x-x-x-x-x-x-x-|

NAME=waltz STYLE=waltz TEMPO=150 METER=3/4
kick   |x-----------|
snare  |----x---x---|
closed |x---x---x---|

NAME=jazz-waltz STYLE=jazz-waltz TEMPO=150 METER=3/4 GRID=12
ride   |x--x-xx--|
closed |---x-----|
kick   |x--------|

NAME=six-eight STYLE=six-eight TEMPO=80 METER=6/8
kick   |x-----------|
snare  |------x-----|
closed |x-x-x-x-x-x-|

NAME=five-four STYLE=five-four TEMPO=130 METER=5/4
kick   |x-----x-----x-------|
snare  |----x-----------x---|
closed |x-x-x-x-x-x-x-x-x-x-|

NAME=seven-eight STYLE=seven-eight TEMPO=120 METER=7/8
kick   |x-------x-----|
snare  |----x-------x-|
closed |x-x-x-x-x-x-x-|
"""


def textbook_beats():
    """Return all beats as patterns."""
    return list(parse_grooves(TEXTBOOK_BEATS))
