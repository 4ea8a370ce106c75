"""The explorer in a browser: by mouse, by keyboard, on a phone."""

from functools import partial

import pytest

from explorer.drawn_store import HOSTILE, store
from in_browser import CONTRASTS, needs_browser, overflow, requests, set_width, show, visible
from needle.explorer.contents import contents_of
from needle.explorer.page import explorer_page

pytestmark = needs_browser

VIEWS = {
    "models": "#/models",
    "all": "#/models?protocol=all",
    "size": "#/size",
    "tasks": "#/tasks?protocol=all",
    "strategies": "#/strategies",
    "task": "#/task/lab%2Ft1",
    "model": "#/model/lab%2Fa",
    "none": "#/models?name=nothing",
}
TAB, ENTER = "\ue004", "\ue007"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("explorer") / "explorer.html"
    contents = contents_of(store(), 50, 0.9, 0)
    path.write_text(explorer_page(contents, "store"), encoding="utf-8")
    return path


@pytest.fixture
def at(browser, page):
    """Open the page at a place in it."""
    return partial(show, browser, page)


def cells(browser):
    """The texts of the table, by the head of its row; the heads of its columns are of ""."""
    script = (
        "return [...document.querySelectorAll('#view tr')].map("
        "row => [...row.cells].map(cell => cell.innerText.trim().replace(/\\s+/g, ' ')))"
    )
    heads, *rows = browser.execute_script(script)
    return {"": heads[1:]} | {row[0]: row[1:] for row in rows}


def choose(browser, selector, value):
    script = (
        "const node = document.querySelector(arguments[0]); node.value = arguments[1];"
        "const tell = kind => node.dispatchEvent(new Event(kind, {bubbles: true}));"
        "['input', 'change'].map(tell)"
    )
    browser.execute_script(script, selector, value)


def wait(browser, script):
    from selenium.webdriver.support.ui import WebDriverWait

    return WebDriverWait(browser, 60).until(lambda _: browser.execute_script(f"return {script}"))


def wait_for_rows(browser, heads):
    """A table is sorted only after the click or the key has been dealt with."""
    from selenium.webdriver.support.ui import WebDriverWait

    WebDriverWait(browser, 60).until(lambda _: list(cells(browser))[1:] == heads)


@pytest.mark.parametrize("view", VIEWS)
def test_views_open_without_an_error_or_a_request_and_fit_a_phone(at, view):
    opened = at(VIEWS[view])
    assert opened.get_log("browser") == []
    assert [url.split("#")[0] for url in requests(opened)] == [opened.current_url.split("#")[0]]
    assert visible(opened, "h1")[0]
    assert opened.execute_script(CONTRASTS) == []
    for width in (1200, 390):
        set_width(opened, width)
        assert overflow(opened) <= 0


def test_the_matrix_by_hand(at):
    """Own results come first, the best model on top; what no model has is no column."""
    table = cells(at())
    assert table[""] == ["Mean", "Parameters", "Licence", "Fine-tuning", "First", "Second"]
    assert list(table) == ["", "a", HOSTILE, "b"]
    assert table["a"] == ["70.0", "3 M", "MIT", "10 s", "80.0", "60.0"]
    assert table["b"] == ["60.0", "80 M", "CC-BY-NC", "3.33 min", "70.0", "50.0"]
    assert table[HOSTILE] == ["65.0", "5 M", "", "30 s", "90.0", "40.0"]


def test_runs_are_beside_one_another_but_not_compared(at):
    opened = at("#/models?protocol=all")
    table = cells(opened)
    assert table[""][0] == "Run and protocol"
    assert "cannot be compared" in visible(opened, "#view")[0]
    # Both b's have a mean: of the tasks of their own run.
    means = opened.execute_script(
        "return [...document.querySelectorAll('#view tbody tr')]"
        ".map(row => [...row.cells].slice(0, 3).map(cell => cell.innerText.trim()))"
    )
    assert ["b", "paper", "75.0"] in means
    assert ["b", "lab", "60.0"] in means


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ("license=MIT", ["a"]),
        ("license=not%20known", [HOSTILE]),
        ("params=5", ["a", HOSTILE]),
        ("seconds=30", ["a", HOSTILE]),
        ("name=B%3Ec", [HOSTILE]),
        ("kind=published", ["b", "a"]),
        ("params=5&seconds=10", ["a"]),
        ("group=structured", ["a", "b", HOSTILE]),
    ],
)
def test_filters(at, asked, left):
    assert list(cells(at(f"#/models?{asked}")))[1:] == left


def test_a_group_leaves_its_tasks(at):
    table = cells(at("#/models?group=structured"))
    assert table[""][-1] == "Second"
    assert table["b"][0] == "50.0"


def test_the_form_changes_the_address_and_the_address_the_form(at):
    opened = at("#/models?license=MIT")
    assert opened.execute_script("return document.getElementById('filter-license').value") == "MIT"
    choose(opened, "#filter-license", "CC-BY-NC")
    assert opened.current_url.endswith("#/models?license=CC-BY-NC")
    assert list(cells(opened))[1:] == ["b"]
    choose(opened, "#filter-protocol", "all")
    wait(opened, "document.querySelectorAll('#view tbody tr').length == 1")
    assert opened.execute_script("return document.getElementById('filter-protocol').value") == "all"
    choose(opened, "#filter-params", "1")
    wait(opened, "document.querySelector('#view tbody').innerText.includes('Nothing matches')")
    opened.find_element("css selector", "button[type=reset]").click()
    assert opened.current_url.endswith("#/models")
    assert len(cells(opened)) == 4


def test_a_click_and_a_key_sort_by_a_column(at):
    from selenium.webdriver import ActionChains

    opened = at()
    opened.find_element("xpath", "//th[contains(., 'First')]").click()
    wait_for_rows(opened, [HOSTILE, "a", "b"])
    # From the form, the keyboard reaches the table and then its columns one by one.
    opened.find_element("id", "filter-name").click()
    for _ in range(20):
        ActionChains(opened).send_keys(TAB).perform()
        head = opened.execute_script("return document.activeElement.closest('th')?.innerText ?? ''")
        if head.strip() == "Second":
            break
    ActionChains(opened).send_keys(ENTER).perform()
    wait_for_rows(opened, ["a", "b", HOSTILE])


def test_a_model_leads_to_its_page_and_back(at):
    opened = at("#/models?license=MIT")
    opened.find_element("link text", "a").click()
    wait(opened, "document.activeElement.id == 'heading'")
    assert visible(opened, "h1") == ["a"]
    assert "convnet" in visible(opened, ".card")[0]
    table = cells(opened)
    assert table[""][1:5] == ["Run and protocol", "Accuracy, %", "Interval", "Rank"]
    assert table["Second"][:4] == ["structured", "lab", "60.0", "[58.0, 62.0]"]
    opened.back()
    wait(opened, "document.querySelector('h1').innerText == 'Models and tasks'")
    assert list(cells(opened))[1:] == ["a"]


def test_a_model_in_two_runs_and_one_that_is_called_alike(at):
    opened = at("#/model/lab%2Fa")
    rows = visible(opened, "#view tbody tr")
    assert len(rows) == 3  # two tasks of the lab, and the paper's numbers on one of them
    assert "2 of 2" in " ".join(rows)
    assert "b in paper" in " ".join(visible(at("#/model/lab%2Fb"), "#view li"))


def test_the_ranking_of_a_task_has_intervals(at):
    opened = at("#/task/lab%2Ft1")
    table = cells(opened)
    assert list(table) == ["", HOSTILE, "a", "b"]
    assert table["a"][:3] == ["2", "80.0", "[78.0, 82.0]"]
    assert table["a"][4] == "50.0"  # of the 20 % errors, the best model avoids half
    assert "800 train, 1,000 test images" in visible(opened, ".lead")[0]
    assert len(visible(opened, "line.span")) == 3
    # The paper's numbers have no repeats.
    opened = at("#/task/lab%2Ft1?protocol=paper%2Fown")
    assert "no intervals" in visible(opened, "[role=status]")[0]
    assert list(cells(opened)) == ["", "b", "a"]


def test_a_ranking_is_of_one_protocol(at):
    opened = at("#/task/lab%2Ft1?protocol=all")
    assert visible(opened, "#view li") == ["lab", "paper"]
    opened.find_element("link text", "paper").click()
    wait(opened, "document.querySelectorAll('#view tbody tr').length == 2")


def test_the_frontier_of_size_and_accuracy(at):
    """On the first task c is better than a and larger; b is larger still, and worse."""
    opened = at("#/size?task=lab%2Ft1")
    assert list(cells(opened))[1:] == ["a", HOSTILE]
    front = opened.execute_script(
        "return [...document.querySelectorAll('.chart a[tabindex=\"0\"]')].map(a => a.ariaLabel)"
    )
    assert front == ["a: 80.0 %, 3 M parameters", f"{HOSTILE}: 90.0 %, 5 M parameters"]
    choose(opened, "#choose-task", "")
    assert list(cells(opened))[1:] == ["a"]
    assert "Choose one" in visible(at("#/size?protocol=all"), "#view")[0]


def test_strategies_are_drawn_as_they_are_ticked(at):
    opened = at("#/strategies")
    assert cells(opened)["Linear"][:3] == [
        "50.0 [33.3, 66.7]",
        "25.0 [0.0, 50.0]",
        "0.0 [0.0, 0.0]",
    ]
    drawn = visible(opened, ".legend li")
    assert "Linear" in drawn
    assert "kNN" not in drawn
    opened.find_element("xpath", "//label[normalize-space()='kNN']/input").click()
    assert set(visible(opened, ".legend li")) == {*drawn, "kNN"}
    choose(opened, "#choose-run", "paper")
    assert opened.current_url.endswith("run=paper")
    assert "Linear" not in cells(opened)


def test_on_a_phone_the_filters_wait_until_they_are_asked_for(at):
    opened = at("", width=390)
    assert visible(opened, "#filter-license") == []
    opened.find_element("css selector", "summary").click()
    assert len(visible(opened, "#filter-license")) == 1
