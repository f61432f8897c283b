"""The classes of sounds and what a drum of each class is made of: one table.

A parameter is a mean and a spread: the latent of a sound, numbers of about standard normal size, moves each from its
mean. Levels are in decibels beside the loudest part, times are those of a fall by 60 dB.
"""

from dataclasses import dataclass, field

Range = tuple[float, float]  # mean, spread
SILENT = -80.0


@dataclass(frozen=True)
class SoundClass:
    """A class of sounds.

    Attributes:
        hertz: of the lowest partial; its spread is in semitones.
        ratios: of the partials to the lowest.
        body: level of the partials.
        ring: seconds of the lowest partial; higher ones are shorter.
        sweep, sweep_time: octaves that the pitch begins above, and seconds of its fall.
        modes: number of the inharmonic modes of metal, between `low` and `high` hertz, and their level.
        noise: level of the noise.
        hiss: seconds of the noise.
        centre: hertz of the middle of the noise; its spread is in octaves.
        width: octaves of the noise.
        click: level of the click at the start.
        bursts: seconds between the hands of a clap, empty for one strike.
    """

    hertz: Range = (200.0, 3.0)
    ratios: tuple[float, ...] = (1.0,)
    body: Range = (SILENT, 0.0)
    ring: Range = (0.3, 0.35)
    sweep: Range = (0.0, 0.0)
    sweep_time: Range = (0.05, 0.3)
    modes: int = 0
    low: float = 3000.0
    high: float = 14000.0
    metal: Range = (SILENT, 0.0)
    noise: Range = (SILENT, 0.0)
    hiss: Range = (0.2, 0.35)
    centre: Range = (5000.0, 0.4)
    width: float = 3.0
    click: Range = (-24.0, 6.0)
    bursts: tuple[float, ...] = field(default=())


DRUM = (1.0, 1.59, 2.14, 2.3, 2.65, 2.92)  # of an ideal membrane
CLASSES = {
    "kick": SoundClass(
        (52, 3.5), (1, 2.0), (0, 0), (0.7, 0.4), (1.9, 0.5), (0.07, 0.4), noise=(-26, 5), hiss=(0.05, 0.4),
        centre=(2500, 0.6), click=(-16, 5),
    ),
    "snare": SoundClass(
        (190, 3), (1, 1.83, 2.6), (-2, 3), (0.28, 0.35), (0.35, 0.2), (0.03, 0.3), noise=(-3, 3), hiss=(0.38, 0.35),
        centre=(4200, 0.45), width=3.6, click=(-14, 4),
    ),
    "brush": SoundClass(
        (210, 3), (1, 1.6), (-16, 4), (0.15, 0.3), noise=(0, 0), hiss=(0.4, 0.4), centre=(4800, 0.4), width=3.2,
        click=(-36, 5),
    ),
    "rim": SoundClass(
        (520, 4), (1, 2.9, 4.1), (0, 0), (0.09, 0.35), noise=(-18, 5), hiss=(0.05, 0.4), centre=(4500, 0.4),
        click=(-8, 4),
    ),
    "clap": SoundClass(
        noise=(0, 0), hiss=(0.45, 0.35), centre=(1500, 0.35), width=2.0, click=(-40, 5),
        bursts=(0, 0.010, 0.021, 0.033),
    ),
    "closed": SoundClass(
        modes=36, low=3200, high=15000, metal=(-6, 4), noise=(0, 0), hiss=(0.11, 0.4), centre=(9500, 0.3), width=1.9,
        click=(-20, 5),
    ),
    "open": SoundClass(
        modes=36, low=3200, high=15000, metal=(-5, 4), noise=(0, 0), hiss=(0.85, 0.35), centre=(9000, 0.3), width=2.0,
        click=(-22, 5),
    ),
    "tom": SoundClass(
        (115, 3.5), DRUM[:4], (0, 0), (0.75, 0.35), (0.45, 0.25), (0.06, 0.35), noise=(-22, 5), hiss=(0.16, 0.4),
        centre=(2800, 0.5), click=(-18, 5),
    ),
    "ride": SoundClass(
        (1900, 3), (1, 1.51, 2.35), (-12, 5), (0.8, 0.3), modes=48, low=500, high=12000, metal=(-3, 3), noise=(-8, 4),
        hiss=(1.6, 0.3), centre=(7500, 0.3), width=2.6, click=(-10, 4),
    ),
    "crash": SoundClass(
        modes=48, low=400, high=14000, metal=(-6, 3), noise=(0, 0), hiss=(2.0, 0.3), centre=(6500, 0.35), width=3.6,
        click=(-22, 5),
    ),
    "cowbell": SoundClass((560, 2.5), (1, 1.48, 2.0, 2.96), (0, 0), (0.4, 0.35), noise=(-34, 5), click=(-18, 4)),
    "tambourine": SoundClass(
        modes=24, low=5000, high=15000, metal=(-3, 4), noise=(0, 0), hiss=(0.3, 0.35), centre=(9500, 0.25), width=1.6,
        click=(-24, 5), bursts=(0, 0.018),
    ),
    "shaker": SoundClass(
        noise=(0, 0), hiss=(0.16, 0.35), centre=(7500, 0.35), width=1.8, click=(-60, 5), bursts=(0, 0.024),
    ),
    "conga": SoundClass(
        (240, 4), DRUM[:3], (0, 0), (0.35, 0.35), (0.15, 0.1), (0.03, 0.3), noise=(-20, 5), hiss=(0.06, 0.4),
        centre=(2500, 0.4), click=(-14, 5),
    ),
    "snap": SoundClass(
        noise=(0, 0), hiss=(0.1, 0.35), centre=(2300, 0.35), width=1.4, click=(-14, 5), bursts=(0, 0.008),
    ),
    "bass808": SoundClass(
        (49, 3.5), (1, 2, 3), (0, 0), (2.2, 0.35), (1.0, 0.3), (0.05, 0.3), noise=(-46, 5), click=(-28, 5),
    ),
}  # fmt: skip
