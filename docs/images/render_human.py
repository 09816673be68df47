"""Draw docs/images/human.png anew: the real page on made-up tickets, in a real Chromium.

Run `.venv/bin/python docs/images/render_human.py` and look at the picture before you commit it.
"""

import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "tests"))

from browser import Browser  # noqa: E402 - tests are no package
from human_project import KEY, HumanServer, make_project  # noqa: E402

from tunegate.human.files import new  # noqa: E402


def main() -> None:
    """Rate a few pairs, begin with another, and take a picture of it; with a folder as argument, more pictures."""
    more = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory() as folder, Browser() as browser:
        root = make_project(Path(folder), 200)
        new(root, KEY, "baseline", 120, 7)
        server = HumanServer(root, reviewers=("Ann Lee", "Ben Ortiz"))
        for n in range(42):
            rater = server.rater(("Ann Lee", "Ben Ortiz")[n % 3 == 0])
            rater.rate(rater.next()["pair"]["item"], "a")
        browser.driver.get(server.links["Ann Lee"])
        browser.find("html[data-ready]")
        browser.press("a", "b", "a")
        browser.driver.save_screenshot(str((more or HERE) / "human.png"))
        if more:
            _pictures(browser, more)
        server.kill()


def _pictures(browser: Browser, folder: Path) -> None:
    browser.dark(on=True)
    browser.driver.save_screenshot(str(folder / "dark.png"))
    browser.dark(on=False)
    browser.resize(390, 844, phone=True)
    browser.driver.save_screenshot(str(folder / "phone.png"))
    browser.run("scrollTo(0, document.body.scrollHeight)")
    browser.driver.save_screenshot(str(folder / "phone-end.png"))
    browser.resize(820, 1180, phone=True)
    browser.driver.save_screenshot(str(folder / "tablet.png"))
    browser.resize(1280, 860)
    browser.press("?")
    browser.driver.save_screenshot(str(folder / "help.png"))
    browser.find("#help [data-close]").click()
    browser.press("p")
    browser.find(".done")
    browser.driver.save_screenshot(str(folder / "paused.png"))


if __name__ == "__main__":
    main()
