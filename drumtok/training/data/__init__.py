"""What an epoch shows the networks: songs, packed rows, batches."""
