"""A static site with the small network, and a page of the site."""

import pytest
from static_site import served

from drumtok.web.site_files import build_site


@pytest.fixture(scope="session")
def site(small_checkpoint_path, tmp_path_factory):
    """The folder of a site, and what `build_site` returned."""
    folder = tmp_path_factory.mktemp("sites") / "site"
    return folder, build_site(folder, small_checkpoint_path)


@pytest.fixture(scope="module")
def site_page(browser, site):
    """A page of the site on which no scripts run."""
    with served(site[0]) as (address, _):
        page = browser.new_page()
        page.goto(f"{address}/icon.svg")
        yield page
        page.close()
