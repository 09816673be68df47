"""A real Chromium for tests of pages. `apt-get install chromium chromium-driver` brings both, always of one version."""

import shutil
import time
from collections.abc import Callable
from typing import Any, Self, TypeVar

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

WAIT_SECONDS = 15.0
Found = TypeVar("Found")
# The least contrast of any text on the page with what is behind it, and where it is (WCAG 2: 4.5 for text).
CONTRAST = """
const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
const linear = (v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
const light = (c) => [0.2126, 0.7152, 0.0722].reduce((sum, weight, n) => sum + weight * linear(c[n] / 255), 0);
const behind = (node) => {
  const color = rgb(getComputedStyle(node).backgroundColor);
  return color.length < 4 || color[3] > 0.99 ? color : behind(node.parentElement);
};
let worst = [99, ""];
for (const node of document.querySelectorAll("body *")) {
  const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
  if (!own || !node.checkVisibility() || node.closest(":disabled, kbd, .unseen, .skip")) continue;
  const [a, b] = [light(rgb(getComputedStyle(node).color)), light(behind(node))].sort((x, y) => y - x);
  const ratio = (a + 0.05) / (b + 0.05);
  if (ratio < worst[0]) worst = [ratio, node.outerHTML.slice(0, 120)];
}
return worst;
"""

# What sticks out of the page to the right; %s: what may (it scrolls, or nobody sees it).
OVERHANG = """
const width = document.documentElement.clientWidth;
const out = (node) => node.getBoundingClientRect().width && node.getBoundingClientRect().right > width + 1;
return [...document.querySelectorAll("body *")]
  .filter((node) => out(node) && !node.closest("%s"))
  .map((node) => node.outerHTML.slice(0, 120));
"""


class Browser:
    """One window with a profile of its own: another `Browser` is another person."""

    def __init__(self) -> None:
        program, driver = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
        assert program, "no Chromium here: apt-get install chromium"
        assert driver, "no chromedriver here: apt-get install chromium-driver"
        options = webdriver.ChromeOptions()
        options.binary_location = program
        for option in (
            "--headless=new",
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--disable-gpu",
        ):
            options.add_argument(option)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(driver))
        self.resize(1280, 860)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.driver.quit()

    def resize(self, width: int, height: int, *, phone: bool = False) -> None:
        """The size of the page in CSS pixels; a phone has touch and twice the pixels."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 2 if phone else 1, "mobile": phone}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        self.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": phone})

    def dark(self, *, on: bool) -> None:
        feature = {"name": "prefers-color-scheme", "value": "dark" if on else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})

    def run(self, script: str, *values: object) -> Any:
        """What a function body returns in the page."""
        return self.driver.execute_script(script, *values)

    def find(self, selector: str) -> WebElement:
        return self.wait(lambda: next(iter(self.driver.find_elements(By.CSS_SELECTOR, selector)), None), selector)

    def text(self, selector: str) -> str:
        return str(self.run("return document.querySelector(arguments[0])?.textContent ?? ''", selector))

    def press(self, *keys: str) -> None:
        """Keys, one after the other, wherever the focus is."""
        ActionChains(self.driver, duration=0).send_keys(*keys).perform()

    def press_with_ctrl(self, key: str) -> None:
        ActionChains(self.driver, duration=0).key_down(Keys.CONTROL).send_keys(key).key_up(Keys.CONTROL).perform()

    def wait(self, ask: Callable[[], Found | None], words: str) -> Found:
        """Ask until there is an answer."""
        end = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < end:
            if found := ask():
                return found
            time.sleep(0.01)
        raise AssertionError(f"not seen in {WAIT_SECONDS:.0f} s: {words}; the page says: {self.text('body')[:600]}")

    def least_contrast(self) -> tuple[float, str]:
        """The least contrast of any text on the page, and where it is."""
        ratio, where = self.run(CONTRAST)
        return float(ratio), str(where)

    def faults(self) -> list[str]:
        """What the page's console complains of."""
        logged = self.driver.get_log("browser")  # type: ignore[no-untyped-call]  # selenium has no types here
        return [str(entry["message"]) for entry in logged if entry["level"] in {"SEVERE", "WARNING"}]


def assert_readable(browser: Browser, width: int, *, may_stick_out: str) -> None:
    """With all that is folded opened: nothing is wider than the page, and every text has contrast enough."""
    browser.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert browser.run("return document.documentElement.scrollWidth") <= width
    assert browser.run(OVERHANG % may_stick_out) == []
    ratio, where = browser.least_contrast()
    assert ratio >= 4.5, where


def assert_opens_by_keyboard(browser: Browser, details: str) -> None:
    """The folded part opens with the space bar."""
    one = f"document.querySelector('{details}')"
    assert not browser.run(f"return {one}.open")
    browser.run(f"{one}.querySelector('summary').focus()")
    browser.press(" ")
    assert browser.run(f"return {one}.open")
