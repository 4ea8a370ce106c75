"""The report in a browser, as a reader opens it: from a file, on a phone, on paper."""

import pytest

from in_browser import (
    CONTRASTS,
    needs_browser,
    overflow,
    overflow_on_paper,
    printed_pages,
    requests,
    set_width,
    show,
    visible,
)
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

pytestmark = needs_browser

LONG = "a name " * 40
CLASSES = {
    "odd": ["<script>alert(1)</script>", "naïve café", "中文", "x" * 300, LONG, "مرحبا", "NA"],
    "two": ["cat", "dog"],
    "forty": [f"species number {number}" for number in range(40)],
    "many": [f"class {number}" for number in range(120)],
}


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


@pytest.fixture(params=[*CLASSES, "embeddings"])
def opened(request, browser, pages):
    return show(browser, pages[request.param])


def test_it_opens_without_an_error_or_a_request(opened):
    assert opened.get_log("browser") == []
    assert requests(opened) == [opened.current_url]


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
    assert 1 <= printed_pages(opened) <= 10
    assert overflow_on_paper(opened) <= 0
