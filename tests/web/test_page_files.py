"""The files of the page, and how they reach the browser."""

import re
import socket

import pytest
from web_client import client_of

from drumtok.web.app import CLIENT, listening_socket
from drumtok.web.groove_map import starter_map
from drumtok.web.page_files import MAIN, modules_of, page_files
from drumtok.web.site_files import CLIENT as SITE_CLIENT


def links(page, kind):
    """Return the addresses of the links of one kind."""
    return re.findall(rf'<link rel="{kind}"[^>]* href="([^"]+)"', page)


@pytest.mark.parametrize("client", [CLIENT, SITE_CLIENT])
def test_the_modules_of_the_page_contain_each_import_of_each(client):
    modules = modules_of(MAIN, client)
    assert len(set(modules)) == len(modules)
    for path in modules:
        source = page_files()[path].decode()
        for name in re.findall(r'from "[./]*/(.+?)";', source):
            assert any(module.endswith(f"/{name}") for module in modules), (path, name)


def test_the_page_links_to_its_scripts_and_first_data(small_checkpoint):
    with client_of(small_checkpoint) as client:
        page = client.get("/")
        assert page.headers["cache-control"] == "no-cache"
        scripts, data = links(page.text, "modulepreload"), links(page.text, "preload")
        assert {f"/{path}" for path in modules_of(MAIN, CLIENT)} == {*scripts, f"/{MAIN}"}
        assert [client.get(address).status_code for address in (*scripts, *data)] == [200] * (len(scripts) + 2)


def test_with_a_token_no_link_needs_it(small_checkpoint):
    with client_of(small_checkpoint, token="abc") as client:
        assert links(client.get("/").text, "preload") == []


def test_connections_send_without_waiting_for_acknowledgements():
    with listening_socket("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()) as _:
        connection, _ = listening.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_grooves_of_the_map_have_the_place_of_any_pattern_that_equals_them():
    for groove, point in list(zip(starter_map().grooves, starter_map().points, strict=True))[::100]:
        found = starter_map().locate(groove)
        assert (found.x, found.y) == pytest.approx((point.x, point.y), abs=1e-9)
        assert found.nearest == point.nearest
