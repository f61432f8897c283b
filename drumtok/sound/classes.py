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
        hertz=(55.3, 11.6), ratios=(1, 2), body=(4.38, 0), ring=(0.49, 0.476), sweep=(1.74, 0.403),
        sweep_time=(0.038, 0.393), noise=(-31.5, 10.7), hiss=(0.065, 0.9), centre=(1306, 1.08), width=2.63,
        click=(-15.5, 1.33),
    ),
    "snare": SoundClass(
        hertz=(202, 3.83), ratios=(1, 1.83, 2.6), body=(9.95, 2.32), ring=(0.34, 0.416), sweep=(0.26, 0.188),
        sweep_time=(0.021, 0.3), noise=(-0.424, 5.08), hiss=(0.392, 0.39), centre=(2805, 0.71), width=2.37,
        click=(-21.2, 2.94),
    ),
    "brush": SoundClass(
        hertz=(244, 10.64), ratios=(1, 1.6), body=(-13.1, 4.36), ring=(0.73, 0.194), sweep=(0.183, 0),
        sweep_time=(0.061, 0.268), noise=(13.8, 0), hiss=(0.294, 0.514), centre=(2438, 0.535), width=8,
        click=(-21.1, 13.1),
    ),
    "rim": SoundClass(
        hertz=(207, 6.17), ratios=(1, 2.9, 4.1), body=(-5.97, 0), ring=(0.226, 0.372), sweep=(1.04, 0),
        sweep_time=(0.051, 0.31), noise=(-8.7, 8.5), hiss=(0.136, 0.985), centre=(4453, 1.06), width=6.64,
        click=(-3.2, 0.7),
    ),
    "clap": SoundClass(
        noise=(0.423, 0), hiss=(0.382, 0.583), centre=(1107, 0.35), width=2.57, click=(-47, 5.4),
        bursts=(0, 0.01, 0.021, 0.033),
    ),
    "closed": SoundClass(
        hertz=(182, 1.99), body=(-19, 3.21), ring=(0.29, 0.66), sweep=(0.38, 0), sweep_time=(0.057, 0.171), modes=36,
        low=7658, high=16482, metal=(2.2, 6.83), noise=(1.48, 0), hiss=(0.168, 0.596), centre=(3694, 0.33),
        width=4.6, click=(-20.3, 7.7),
    ),
    "open": SoundClass(
        hertz=(213, 2.85), body=(-17.1, 8.7), ring=(0.346, 0.386), sweep=(0.262, 0), sweep_time=(0.026, 0.247),
        modes=36, low=6227, high=12995, metal=(-1.065, 6.54), noise=(3.67, 0), hiss=(1.2, 0.526),
        centre=(3500, 0.33), width=5.2, click=(-20.6, 6.67),
    ),
    "tom": SoundClass(
        hertz=(137, 5.1), ratios=DRUM[:4], body=(7.5, 0), ring=(0.71, 0.373), sweep=(0.288, 0.486),
        sweep_time=(0.077, 0.35), noise=(-20, 11.8), hiss=(0.22, 1.12), centre=(1645, 0.294), width=2.39,
        click=(-17.3, 1.34),
    ),
    "ride": SoundClass(
        hertz=(3376, 3), ratios=(1, 1.51, 2.35), body=(4.7, 18.7), ring=(0.553, 0.168), sweep=(0.222, 0),
        sweep_time=(0.056, 0.125), modes=48, low=372, high=12541, metal=(-10, 3.68), noise=(-2.57, 3.17),
        hiss=(1.89, 0.282), centre=(7523, 0.478), width=7.6, click=(-9.54, 4.55),
    ),
    "crash": SoundClass(
        hertz=(163, 2.27), body=(-23.8, 2.43), ring=(0.234, 0.344), sweep=(0.229, 0), sweep_time=(0.054, 0.242),
        modes=48, low=435, high=16918, metal=(-12.7, 3.76), noise=(1.37, 0), hiss=(1.27, 0.505),
        centre=(13714, 0.33), width=5.3, click=(-28, 3.32),
    ),
    "cowbell": SoundClass(
        hertz=(554, 2.5), ratios=(1, 1.48, 2, 2.96), body=(-0.25, 0), ring=(0.373, 0.35), sweep_time=(0.077, 0.33),
        noise=(-23.6, 5.4), hiss=(0.446, 0.462), centre=(2368, 0.273), width=2.08, click=(-21.3, 5.4),
    ),
    "tambourine": SoundClass(
        modes=24, low=8858, high=14439, metal=(-4.6, 3.63), noise=(-3.5, 0), hiss=(0.355, 0.35),
        centre=(15156, 0.25), width=1.39, click=(-38.7, 7.4), bursts=(0, 0.018),
    ),
    "shaker": SoundClass(
        noise=(-10.9, 0), hiss=(0.25, 0.442), centre=(13997, 0.994), width=2.12, click=(-58.4, 5.8),
        bursts=(0, 0.024),
    ),
    "conga": SoundClass(
        hertz=(188, 5.35), ratios=DRUM[:3], body=(-1.14, 0), ring=(0.29, 0.416), sweep=(0.245, 0.068),
        sweep_time=(0.034, 0.382), noise=(-25.3, 12.9), hiss=(0.092, 1.035), centre=(1670, 0.63), width=1.97,
        click=(-15.1, 1.4),
    ),
    "snap": SoundClass(
        hertz=(103, 9.56), body=(-28.1, 6.1), ring=(0.85, 0.232), sweep=(0.113, 0), sweep_time=(0.246, 0.334),
        noise=(-2.36, 0), hiss=(0.407, 0.79), centre=(1856, 0.81), width=2.24, click=(-14.5, 1.81),
        bursts=(0, 0.008),
    ),
    "bass808": SoundClass(
        hertz=(49, 3.5), ratios=(1, 2, 3), body=(0, 0), ring=(2.2, 0.35), sweep=(1, 0.3), noise=(-46, 5),
        click=(-28, 5),
    ),
}  # fmt: skip
