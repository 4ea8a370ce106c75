"""A run's own page in a browser: on a desktop, on a phone, on paper, without a network."""

import pandas as pd
import pytest
from test_summary_page import SHOWN, TABLES, mean_regret, page_text

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
from needle.figures.mean_regret import draw_mean_regret
from needle.figures.style import strategy_looks, svg
from needle.pages.template import data_uri

pytestmark = needs_browser

LONG = "vit_so400m_patch14_siglip_224.v2_webli_and_even_more" * 3
ODD = TABLES | {
    "additions": [["m.old"], [LONG, "<m>.new", "مرحبا"]],
    "tasks": TABLES["tasks"].assign(label=["a label " * 30, "中文"]),
    "newly_best": pd.concat([TABLES["newly_best"].assign(model=LONG)] * 40),
}
PAGES = {"plain": TABLES, "odd": ODD, "not grown": TABLES | {"additions": [["m.old"]]}}


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Pages that differ in their names and in whether the run has grown."""
    folder = tmp_path_factory.mktemp("pages")
    mine = mean_regret().query("pool == 'all'")
    figure = draw_mean_regret(mine, strategy_looks(SHOWN), [1, 2])
    for name, tables in PAGES.items():
        text = page_text(plot=data_uri("image/svg+xml", svg(figure)), **tables)
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(params=PAGES)
def opened(request, browser, pages):
    return show(browser, pages / f"{request.param}.html")


def test_it_opens_without_an_error_or_a_request(opened):
    assert opened.get_log("browser") == []
    assert requests(opened) == [opened.current_url]


def test_the_answer_and_the_pictures_are_seen(opened):
    assert visible(opened, "h1") == ["Linear loses least"]
    assert [text[:-2] for text in visible(opened, "dd.value")[:2]] == ["8.1", "22.1"]
    sizes = opened.execute_script("return [...document.images].map(i => i.naturalWidth)")
    assert len(sizes) == 2
    assert min(sizes) > 0
    assert bool(visible(opened, "#changed")) == ("not%20grown" not in opened.current_url)


@pytest.mark.parametrize("width", [1200, 360])
def test_no_page_is_wider_than_its_window(opened, width):
    set_width(opened, width)
    assert overflow(opened) <= 0


def test_text_is_dark_enough_to_read(opened):
    opened.execute_script("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert opened.execute_script(CONTRASTS) == []


def test_all_that_scrolls_and_opens_is_reached_by_keyboard(opened):
    script = (
        "return [...document.querySelectorAll('.scroll, pre, summary, a')]"
        ".filter(e => e.checkVisibility() && e.tabIndex < 0).length"
    )
    assert opened.execute_script(script) == 0


def test_it_prints_on_a_few_whole_pages(opened):
    assert 1 <= printed_pages(opened) <= 6
    assert overflow_on_paper(opened) <= 0
