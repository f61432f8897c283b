"""The web page and its server, which need the extra `web`.

`routes` receives requests and `responses` answers them. Requests that use the network are queued in a `JobQueue`, which
limits how many run at a time and rejects the rest. Running jobs step the network together through a `StepBatcher`, so
that they share each matrix product.
"""
