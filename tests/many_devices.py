"""Run `drumtok train` with a log of every step and a rank that dies: `many_devices.py RANK:STEP train ...`."""

import os
import signal
import sys

import drumtok.training.module
import drumtok.training.trainer
from drumtok.cli.main import main

end_batch = drumtok.training.module.LitDrums.on_train_batch_end


def end_or_die(self, *rest):
    rank, _, step = sys.argv[1].partition(":")
    restarted = int(os.environ.get("TORCHELASTIC_RESTART_COUNT", 0))
    if step and not restarted and (self.global_rank, self.global_step) == (int(rank), int(step)):
        os.kill(os.getpid(), signal.SIGKILL)
    end_batch(self, *rest)


if __name__ == "__main__":
    drumtok.training.trainer.LOG_EVERY = 1
    drumtok.training.module.LitDrums.on_train_batch_end = end_or_die
    main(sys.argv[2:])
