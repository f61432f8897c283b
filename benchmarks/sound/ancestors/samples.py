"""Frames as 256 codes of the mu-law, and batches of them for networks that make one frame after another."""

import math

import torch
from torch import Tensor

CODES = 256
MU = CODES - 1
SILENCE = CODES // 2  # the code before a sound begins
CROP, BATCH = 2048, 8  # frames and sounds of a step


def codes_of(waves: Tensor) -> Tensor:
    """Return codes, the nearest to each frame of waves from -1 to 1."""
    squeezed = waves.sign() * torch.log1p(MU * waves.abs().clamp(max=1)) / math.log1p(MU)
    return ((squeezed + 1) / 2 * MU + 0.5).long()


def frames_of(codes: Tensor) -> Tensor:
    """Return frames from -1 to 1 of codes."""
    squeezed = 2 * codes.float() / MU - 1
    return squeezed.sign() * torch.expm1(squeezed.abs() * math.log1p(MU)) / MU


def crops_of(codes: Tensor, before: int) -> Tensor:
    """Return the codes of parts of sounds, (batch, before + CROP), half of them from the onset.

    Args:
        codes: of sounds, (batch, frames).
        before: codes ahead of each part, those of silence ahead of an onset.
    """
    padded = torch.nn.functional.pad(codes, (before, 0), value=SILENCE)
    starts = torch.randint(codes.shape[1] - CROP + 1, (len(codes),))
    starts[: len(codes) // 2] = 0
    return torch.stack([row[start : start + before + CROP] for row, start in zip(padded, starts, strict=True)])


def draw_codes(logits: Tensor) -> Tensor:
    """Draw a code of each distribution, (batch,), from logits, (batch, CODES)."""
    reached = torch.softmax(logits, dim=1).cumsum(dim=1)
    # one random number for each sound, where `multinomial` draws one for each code
    return torch.searchsorted(reached, torch.rand(len(logits), 1))[:, 0].clamp(max=CODES - 1)
