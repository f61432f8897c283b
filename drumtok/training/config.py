"""`TrainingConfig`, and the schedules of learning rate and weight average, without torch."""

import math
from dataclasses import dataclass

from drumtok.runtime.settings import check, setting
from drumtok.training.data.mixture import INGREDIENTS, Mixture

DEFAULT_MINUTES = 10.0  # of a run without epochs, steps or minutes
STEPS_BETWEEN_VALIDATIONS = 50  # at least, by default, since an epoch of a small corpus is a single step
ACCELERATORS = ("auto", "cpu", "gpu", "cuda", "mps", "tpu")
STRATEGIES = ("auto", "ddp")
SCALES = {"none": 0.0, "sqrt": 0.5, "linear": 1.0}  # exponent of the batches per step in the learning rate
PRECISIONS = ("32-true", "bf16-mixed", "16-mixed")  # all keep 32-bit weights, which the weight average needs


@dataclass(frozen=True)
class TrainingConfig:
    """How a network is trained."""

    epochs: int | None = setting(None, "Passes over the training songs, at most.", low=1, kind=int)
    steps: int | None = setting(None, "Steps of the optimiser, at most.", low=1, kind=int)
    minutes: float | None = setting(
        None, f"Minutes, at most; {DEFAULT_MINUTES:g} without --epochs or --steps.", above=0, kind=float
    )
    batch: int = setting(8, "Windows of a step, at most, on each device.", low=1)
    accumulate: int = setting(1, "Batches on each device whose gradients make one step.", low=1)
    window: int = setting(256, "Words of a window.", choices=(256, 512, 1024))
    augment: tuple[str, ...] = setting(  # by default the best mixture of docs/research/augmentation.md
        ("double-time=0.15", "mirror-toms=0.15", "thicken-hats=0.1", "drop-lane=0.1"),
        "Augmentations, drawn again in every epoch, as NAME=FRACTION,...: the fraction of songs changed by an "
        "augmentation, or the words of recombined loops for each word of the songs. "
        f"Names are {', '.join(INGREDIENTS)}.",
        kind=str,
    )
    conditioning: float = setting(
        0.5,
        "Fraction of the songs that have each label in training, on average: kind, style, tempo, source and hits. "
        "A network can be conditioned on the labels that it was trained on; 0 trains it without labels.",
        low=0,
        high=1,
        deprecated="told",
    )
    cut: float = setting(
        0.5,
        "Fraction of the songs, fills aside, that are cut after phrases of eight bars if they have more, so that "
        "the network can start mid-song; 0 trains it only on starts of songs.",
        low=0,
        high=1,
    )
    learning_rate: float = setting(2e-3, "The highest learning rate.", above=0)
    label_rate: float = setting(
        1.0,
        "Factor of the learning rate of label embeddings, which start at zero and are trained by few songs each; a "
        "high one slows down a new network, but helps one of --init to follow its labels.",
        above=0,
    )
    scale_rate: str = setting(
        "none",
        "How the learning rate grows with the batches of a step (--accumulate on each device): not at all, with their "
        "square root, or linearly.",
        choices=tuple(SCALES),
    )
    weight_decay: float = setting(0.01, "Weight decay of AdamW.", low=0)
    warmup: float = setting(0.05, "Fraction of the run in which the learning rate rises.", low=0, below=1)
    clip: float = setting(1.0, "Greatest norm of the gradient; 0 does not clip.", low=0)
    average: float = setting(
        0.999, "Decay of the moving average of the weights that is validated and kept; 0 is off.", low=0, below=1
    )
    cache_steps: int = setting(
        200,
        "Steps of fitting the song cache, which reads the earlier bars of a song, to validation songs at the end of a "
        "run; 0 makes none.",
        low=0,
    )
    patience: int = setting(20, "Validations without improvement after which the run ends.", low=1)
    validate_every: int | None = setting(
        None, f"Epochs from one validation to the next; by default enough for {STEPS_BETWEEN_VALIDATIONS} steps.",
        low=1, kind=int,
    )  # fmt: skip
    checkpoint_minutes: float = setting(5.0, "Minutes from one checkpoint to the next.", above=0)
    seed: int = setting(0, "Seed of the initial weights, the order of the songs and dropout.", low=0)
    workers: int = setting(0, "Processes that prepare batches; 0 prepares them in the training process.", low=0)
    accelerator: str = setting("auto", "Where to train.", choices=ACCELERATORS)
    devices: str = setting("auto", "Number of devices of a node, or their comma-separated indices.")
    num_nodes: int = setting(1, "Machines.", low=1)
    strategy: str = setting("auto", "How several devices train together.", choices=STRATEGIES)
    precision: str = setting("32-true", "Arithmetic.", choices=PRECISIONS)

    def __post_init__(self) -> None:
        object.__setattr__(self, "augment", tuple(self.augment))  # JSON gives a list
        check(self)
        Mixture.parse(self.augment)

    @property
    def seconds(self) -> float | None:
        """The limit of the run in seconds, or None."""
        if self.minutes is None and self.epochs is None and self.steps is None:
            return DEFAULT_MINUTES * 60
        return None if self.minutes is None else self.minutes * 60

    def fraction_done(self, step: int, steps_per_epoch: int, seconds: float) -> float:
        """Return the finished fraction of the run in the middle of a step, by steps or by time, whichever is more.

        Args:
            step: the number of finished steps.
            seconds: the duration of the run so far.
        """
        by_epochs = (step + 0.5) / (steps_per_epoch * self.epochs) if self.epochs else 0.0
        by_steps = (step + 0.5) / self.steps if self.steps else 0.0
        by_time = seconds / self.seconds if self.seconds else 0.0
        return min(max(by_epochs, by_steps, by_time), 1.0)

    def rate(self, fraction: float) -> float:
        """Return the learning rate at a fraction of the run: a straight rise, then half a cosine down to 0.

        >>> config = TrainingConfig(learning_rate=1.0, warmup=0.1)
        >>> [round(config.rate(fraction), 3) for fraction in (0.0, 0.05, 0.1, 0.55, 1.0)]
        [0.0, 0.5, 1.0, 0.5, 0.0]
        """
        if fraction < self.warmup:
            return self.learning_rate * fraction / self.warmup
        return self.learning_rate * (1 + math.cos(math.pi * (fraction - self.warmup) / (1 - self.warmup))) / 2

    def rate_factor(self, world: int) -> float:
        """Return what the learning rate is multiplied by on `devices` devices.

        >>> TrainingConfig(scale_rate="sqrt", accumulate=2).rate_factor(8)
        4.0
        """
        return float((world * self.accumulate) ** SCALES[self.scale_rate])

    def decay(self, step: int) -> float:
        """Return the decay of the weight average at a step: smaller at first, to forget the random initial weights.

        >>> [round(TrainingConfig(average=0.999).decay(step), 3) for step in (0, 90, 100000)]
        [0.1, 0.91, 0.999]
        """
        return min(self.average, (1 + step) / (10 + step))

    def epochs_between_validations(self, steps_per_epoch: int) -> int:
        """Return `validate_every`, or enough epochs for `STEPS_BETWEEN_VALIDATIONS`; at most those of the run."""
        every = self.validate_every or math.ceil(STEPS_BETWEEN_VALIDATIONS / steps_per_epoch)
        return min(every, self.epochs or every)
