"""The report in a browser, as a reader opens it: from a file, on a phone, on paper."""

import base64
import json
import re
import shutil

import pytest

from needle.recommend.findings import read_findings
from needle.recommend.page import recommendation_page
from recommended import (
    CONFIGURATION,
    LEVEL,
    README,
    TUNING,
    candidates,
    ranking,
    splits_of_noise,
    write_files,
)

BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (BROWSER and DRIVER), reason="no chromium or no chromedriver on this machine"
)

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update",
         "--disable-sync"]  # fmt: skip
LONG = "a name " * 40
CLASSES = {
    "odd": ["<script>alert(1)</script>", "naïve café", "中文", "x" * 300, LONG, "مرحبا", "NA"],
    "two": ["cat", "dog"],
    "forty": [f"species number {number}" for number in range(40)],
    "many": [f"class {number}" for number in range(120)],
}
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


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Pages of tasks that differ in their classes, and one of embeddings."""
    folder = tmp_path_factory.mktemp("pages")
    longer = {"resnet10t_wide.mix": "vit_so400m_patch14_siglip_224.v2_webli_and_even_more"}
    changes = {
        "odd": {
            "ranked": ranking().replace(longer),
            "tried": candidates().replace(longer, regex=True),
        }
    }
    paths = {}
    for name, classes in CLASSES.items():
        splits = splits_of_noise(len(classes), (120, 20, 6 * len(classes)))
        files = write_files(folder / name, classes, splits, **changes.get(name, {}))
        paths[name] = write_page(folder / name, read_findings(**files))
    unlearned = (folder / f"two/{name}.csv" for name in ("ranking", "problems", "classes"))
    paths["embeddings"] = write_page(folder, read_findings(*unlearned))
    return paths


def write_page(folder, found):
    path = folder / "report.html"
    path.write_text(
        recommendation_page(
            found, CONFIGURATION, "birds", "hybrid-linear", 3, LEVEL, path, README, TUNING
        ),
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for flag in [*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options, Service(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture(params=[*CLASSES, "embeddings"])
def opened(request, browser, pages):
    browser.get_log("performance")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    set_width(browser, 1200)
    browser.get(pages[request.param].as_uri())
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


def test_it_opens_without_an_error_or_a_request(opened):
    assert opened.get_log("browser") == []
    events = [json.loads(entry["message"])["message"] for entry in opened.get_log("performance")]
    asked = [event["params"]["request"]["url"] for event in events
             if event["method"] == "Network.requestWillBeSent"]  # fmt: skip
    assert [url for url in asked if not url.startswith("data:")] == [opened.current_url]


def test_all_images_are_drawn(opened):
    sizes = opened.execute_script("return [...document.images].map(i => i.naturalWidth)")
    assert sizes
    assert min(sizes) > 0


def test_headings_and_key_figures_are_seen(opened):
    assert visible(opened, "h1")[0].startswith("Fine-tune resnet10t.")
    assert {"The picks", "The pool: score and size", "The whole ranking"} <= set(
        visible(opened, "h2")
    )
    figures = visible(opened, "dd.value")
    if "embeddings" not in opened.page_source:
        assert [figure.endswith("%") for figure in figures] == [True, True, False, False]
        assert figures[2] == "3 of 5"
    assert len(visible(opened, ".badge")) == bool(figures)


@pytest.mark.parametrize("width", [1200, 400])
def test_no_page_is_wider_than_its_window(opened, width):
    set_width(opened, width)
    assert overflow(opened) <= 0


def test_text_is_dark_enough_to_read(opened):
    assert opened.execute_script(CONTRASTS) == []


def test_it_prints_on_a_few_whole_pages(opened):
    printed = opened.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
    pdf = base64.b64decode(printed["data"])
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 10
    assert re.search(rb"/MediaBox \[0 0 59[45][.\d]* 84[12]", pdf)  # A4
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    set_width(opened, PAPER)
    assert overflow(opened) <= 0
