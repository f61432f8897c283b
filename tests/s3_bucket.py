"""An S3-compatible server on loopback and a bucket in it, as fixtures; what its objects hold."""

import os

import pytest

KEY, SECRET = "key-of-nobody", "secret-of-nobody"


@pytest.fixture(scope="module")
def server():
    """moto's server: the address of S3."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(server, monkeypatch, tmp_path):
    """An empty bucket, with credentials as fsspec takes them."""
    import fsspec

    for name, value in (
        ("AWS_ENDPOINT_URL", server),
        ("AWS_ACCESS_KEY_ID", KEY),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("DRUMTOK_DATA", str(tmp_path / "data")),
    ):
        monkeypatch.setenv(name, value)
    # fsspec keeps file systems by their arguments, among which the address in the environment is not.
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    system = fsspec.filesystem("s3", skip_instance_cache=True)
    name = f"bucket-{os.urandom(4).hex()}"
    system.mkdir(name)
    yield system, f"s3://{name}"
    system.rm(name, recursive=True)


def objects(system, root):
    return {name.rpartition("/")[2]: system.cat_file(name) for name in system.find(root)}
