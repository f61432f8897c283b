"""The page in Firefox, with a server and without one."""

import pytest
from browsers import FIREFOX
from firefox_driver import started
from static_site import served

from drumtok.web.site_files import build_site

TAKES = "document.querySelectorAll('#takes > li').length"


@pytest.fixture(scope="module")
def firefox(tmp_path_factory):
    if FIREFOX is None:
        pytest.skip("Firefox is not installed")
    with started(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture(scope="module")
def static(small_checkpoint_path, tmp_path_factory):
    folder = tmp_path_factory.mktemp("firefox") / "site"
    build_site(folder, small_checkpoint_path)
    with served(folder) as (found, _):
        yield found


@pytest.mark.slow
@pytest.mark.parametrize("host", ["address", "static"])
def test_the_page_generates_in_firefox(firefox, host, request):
    firefox.open(request.getfixturevalue(host))
    firefox.until("document.body.dataset.ready === 'true'")
    assert firefox.evaluate(TAKES) == 1
    firefox.evaluate("document.getElementById('generate').click()")
    firefox.until(f"document.getElementById('progress').hidden && {TAKES} === 2")
    assert firefox.evaluate("document.querySelector('#status .error')") is None
    assert firefox.evaluate("document.getElementById('length').value") == "4 bars"
    assert firefox.errors == []
