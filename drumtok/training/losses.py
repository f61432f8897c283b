"""The training loss, the cross entropy of all words, and the validation metric, that of hit words."""

import math

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, log_softmax

from drumtok.tokenizer.tokens import N_HIT_WORDS
from drumtok.training.data.window_batches import BAR, IGNORE, LABELS, PAST, POSITION, PREVIOUS, TARGET

CHUNK = 2048


def inputs(rows: Tensor) -> tuple[Tensor, ...]:
    """Return the inputs of `DrumLSTM` from rows of integers, in order."""
    columns = (PREVIOUS, BAR, POSITION, slice(PAST, None), LABELS)
    return tuple(rows[..., column] for column in columns)


def train_loss(network: torch.nn.Module, rows: Tensor) -> Tensor:
    """Return the mean cross entropy, in nats, of the words of a batch, BAR included.

    Args:
        rows: (batch, time, 9 + look-backs), as `drumtok.training.data.window_batches` makes them.
    """
    rows = rows.long()
    logits, _ = network(*inputs(rows))  # (batch, time, 513)
    target = rows[..., TARGET].flatten()
    nats = cross_entropy(logits.flatten(0, 1).float(), target, ignore_index=IGNORE, reduction="sum")
    return nats / (target != IGNORE).sum().clamp(min=1)  # one device may have no words in the last batch


@torch.no_grad()
def hit_word_sums(network: torch.nn.Module, rows: Tensor, chunk_words: int = CHUNK) -> Tensor:
    """Sum over the hit words of a batch of whole songs, (3,): their bits, correct guesses, and number.

    BAR is context and not counted; probabilities are normalised over the 512 hit words.

    Args:
        rows: (songs, time, 9 + look-backs).
        chunk_words: words of each song that are read at once, so that a long song needs no more memory.
    """
    sums, state = torch.zeros(3, dtype=torch.float64), None
    for chunk in rows.split(chunk_words, dim=1):
        chunk = chunk.long()
        logits, state = network(*inputs(chunk), state)
        target = chunk[..., TARGET]
        counted = (target != IGNORE) & (target < N_HIT_WORDS)
        target = target[counted]  # (steps,)
        logp = log_softmax(logits[counted][:, :N_HIT_WORDS].float(), dim=-1)  # (steps, 512)
        bits = -logp.gather(1, target[:, None]).sum() / math.log(2)
        right = (logp.argmax(dim=-1) == target).sum()
        sums += torch.stack([bits, right, counted.sum()]).cpu()
    return sums
