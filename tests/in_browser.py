"""A page in a browser, as a reader opens it: from a file, on a phone, on paper."""

import base64
import json
import re
import shutil

import pytest

BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
needs_browser = pytest.mark.skipif(
    not (BROWSER and DRIVER), reason="no chromium or no chromedriver on this machine"
)
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update",
         "--disable-sync"]  # fmt: skip
PAPER = 688  # CSS pixels between the margins of A4

CONTRASTS = """
const channels = text => text.match(/[\\d.]+/g).map(Number);
const light = value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
const luminance = ([r, g, b]) =>
  0.2126 * light(r / 255) + 0.7152 * light(g / 255) + 0.0722 * light(b / 255);
return [...document.querySelectorAll("*")].filter(element =>
  [...element.childNodes].some(node => node.nodeType == 3 && node.data.trim())
  && element.checkVisibility()
).map(element => {
  const layers = [];
  for (let at = element; at; at = at.parentElement)
    layers.push(channels(getComputedStyle(at).backgroundColor));
  const ground = layers.reverse().reduce((below, [r, g, b, alpha = 1]) =>
    [r, g, b].map((value, i) => alpha * value + (1 - alpha) * below[i]), [255, 255, 255]);
  const both = [luminance(ground), luminance(channels(getComputedStyle(element).color))];
  return [(Math.max(...both) + 0.05) / (Math.min(...both) + 0.05), element.outerHTML.slice(0, 80)];
}).filter(([contrast]) => contrast < 4.5);
"""


def start_browser(profile):
    """Start one with a profile of its own; who starts it quits it."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for flag in [*FLAGS, f"--user-data-dir={profile}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options, Service(DRIVER))


def show(browser, path, where="", width=1200):
    """Open a file, at a place in it, in a window of a desktop or as wide as is said."""
    browser.get("about:blank")  # another place in the same file would not open it anew
    for log in ("performance", "browser"):
        browser.get_log(log)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    set_width(browser, width)
    browser.get(path.as_uri() + where)
    return browser


def set_width(browser, width):
    # A phone has no scroll bar that takes width away, and paper has none.
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def visible(browser, selector):
    script = (
        "return [...document.querySelectorAll(arguments[0])]"
        ".filter(e => e.checkVisibility()).map(e => e.innerText)"
    )
    return browser.execute_script(script, selector)


def overflow(browser):
    """By how many pixels the page is wider than its window."""
    script = "const e = document.documentElement; return e.scrollWidth - e.clientWidth"
    return browser.execute_script(script)


def requests(browser):
    """What was asked for since the page was opened, but for what it holds itself."""
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = [event["params"]["request"]["url"] for event in events
             if event["method"] == "Network.requestWillBeSent"]  # fmt: skip
    return [url for url in asked if not url.startswith("data:")]


def printed_pages(browser):
    """Print on A4, and count the pages."""
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
    pdf = base64.b64decode(printed["data"])
    assert re.search(rb"/MediaBox \[0 0 59[45][.\d]* 84[12]", pdf)
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def overflow_on_paper(browser):
    """By how many pixels the page is wider than the paper within its margins."""
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    set_width(browser, PAPER)
    return overflow(browser)
