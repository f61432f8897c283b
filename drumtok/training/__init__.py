"""The torch models and their training under Lightning: the only package that imports torch (extra `train`)."""
