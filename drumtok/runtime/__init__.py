"""Settings and the options made from them, whole files or none, fsspec addresses, workers, resuming."""
