"""The data of an epoch: songs, packed rows, batches."""
