"""Fixtures of an S3-compatible server on this machine and a bucket in it, and the contents of its objects."""

import os

import pytest

KEY, SECRET = "key-of-nobody", "secret-of-nobody"


@pytest.fixture(scope="module")
def server():
    """The address of a moto server."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(server, monkeypatch, tmp_path):
    """An empty bucket, with credentials in the environment for fsspec."""
    import fsspec

    for name, value in (
        ("AWS_ENDPOINT_URL", server),
        ("AWS_ACCESS_KEY_ID", KEY),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("DRUMTOK_DATA", str(tmp_path / "data")),
    ):
        monkeypatch.setenv(name, value)
    # fsspec caches file systems by their arguments, which do not include the address in the environment.
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    system = fsspec.filesystem("s3", skip_instance_cache=True)
    name = f"bucket-{os.urandom(4).hex()}"
    system.mkdir(name)
    yield system, f"s3://{name}"
    system.rm(name, recursive=True)


def objects(system, root):
    return {name.rpartition("/")[2]: system.cat_file(name) for name in system.find(root)}
