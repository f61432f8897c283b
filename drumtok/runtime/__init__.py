"""Settings and the options made from them, atomic writes, fsspec addresses, workers, resuming."""
