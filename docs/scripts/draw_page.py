"""Take docs/page.png and docs/page-phone.png, screenshots of the page in Chromium with the bundled checkpoint.

python docs/scripts/draw_page.py
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

DOCS = Path(__file__).resolve().parents[1]
COMMAND = "from drumtok.cli.main import main; main()"
WIDE, PHONE = {"width": 1440, "height": 880}, {"width": 375, "height": 812}


def write(page: Page, button: str, **controls: str) -> None:
    """Set the controls, press a button of the model and wait until it has finished."""
    for name, value in controls.items():
        page.locator(f"#{name}").select_option(value) if name == "style" else page.locator(f"#{name}").fill(value)
    page.locator(f"#{button}").click()
    page.wait_for_timeout(300)
    page.locator("#progress").wait_for(state="hidden", timeout=120_000)


def session(page: Page) -> None:
    """Use the page as somebody would for some minutes."""
    page.locator("#fresh").uncheck()
    page.locator("#tempo").fill("102")
    page.keyboard.press("Enter")
    page.locator("#timing").fill("0.4")
    write(page, "generate", style="funk", seed="4")
    write(page, "generate", style="boombap", seed="4")
    page.locator("#takes button").nth(3).click()
    page.locator(".cell[data-lane='8'][data-step='0']").click()
    write(page, "vary", seed="8", amount="0.2")
    page.get_by_role("button", name="Lock kick").click()
    page.get_by_role("button", name="Use take 2 as A").click()
    page.get_by_role("button", name="Use take 5 as B").click()


def main() -> None:
    """Serve the page and take both screenshots."""
    server = subprocess.Popen(
        [sys.executable, "-c", COMMAND, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True, cwd=DOCS.parent
    )
    try:
        address = re.match(r"http://\S+", server.stdout.readline())[0]  # type: ignore[union-attr, index]
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(
                executable_path=shutil.which("chromium"),
                args=["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"],
            )
            page = chromium.new_page(viewport=WIDE, color_scheme="dark")
            page.set_default_timeout(120_000)
            page.add_init_script("localStorage.setItem('drumtok.tour', 'done')")
            page.goto(address)
            page.wait_for_selector("body[data-ready]")
            session(page)
            page.locator("#play").click()
            page.wait_for_selector(".cell.now[data-step='8']")
            page.evaluate("scrollTo(0, 0)")
            page.screenshot(path=DOCS / "page.png")
            page.set_viewport_size(PHONE)
            page.wait_for_timeout(500)
            page.evaluate("scrollTo(0, 0)")
            page.screenshot(path=DOCS / "page-phone.png")
            chromium.close()
    finally:
        server.terminate()


if __name__ == "__main__":
    main()
