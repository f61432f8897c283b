"""The browsers that are installed."""

import os
import shutil

REQUIRED = os.environ.get("DRUMTOK_BROWSER") == "required"  # a missing Chromium is then a failure, as in CI
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FIREFOX = next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), None)
