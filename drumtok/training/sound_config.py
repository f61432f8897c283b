"""The training settings of the sound model, without torch."""

from dataclasses import dataclass

from drumtok.runtime.settings import check, setting


@dataclass(frozen=True)
class SoundTrainingConfig:
    """How the sound model is trained."""

    held_out: tuple[str, ...] = setting(
        (), "Sources to leave out of training, as NAME,..., for evaluating the model.", kind=str
    )
    steps: int = setting(2000, "Steps of the optimiser.", low=1)
    batch: int = setting(128, "Sounds per step.", low=2)
    learning_rate: float = setting(2e-3, "The highest learning rate.", above=0)
    latent: int = setting(64, "Size of the latent.", low=1, high=64)
    hidden: int = setting(320, "Units of each layer.", low=1)
    ear: int = setting(96, "Units of the classifier.", low=1)
    kl: float = setting(2e-3, "Weight of the divergence of latents from a standard normal distribution.", low=0)
    augment: float = setting(0.8, "Strength of the changes of sounds in training; 0 for none.", low=0)
    seed: int = setting(0, "Seed.", low=0)

    def __post_init__(self) -> None:
        check(self)
