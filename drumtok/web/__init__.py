"""The page and its server; needs the extra `web`.

A browser asks, `api` answers. What writes goes through a `JobQueue`, which says how many at once and turns the rest away,
and steps the network through `SharedSteps`, so that many who write at a time share each product of its matrices.
"""
