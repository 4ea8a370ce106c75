"""Time the explorer's page of 10,000 models on 10 tasks in a browser.

    python benchmarks/explorer.py [--models 10000] [--tasks 10] [--rounds 3]

For each step the seconds until it is drawn, and the processor seconds of the page's thread in them,
which other work on the machine does not lengthen; medians over rounds. Needs Chromium and its
driver.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from in_browser import start_browser
from needle.explorer.contents import MODEL_KEYS
from needle.explorer.page import explorer_page

DRAWN = "requestAnimationFrame(() => requestAnimationFrame(arguments[arguments.length - 1]))"
STEPS = {
    "sort by a task": "document.querySelector('#view thead th:last-child').click();",
    "a licence": "location.hash = '#/models?license=MIT';",
    "all again": "location.hash = '#/models';",
    "size": "location.hash = '#/size';",
    "a task": "location.hash = '#/task/run%2Ft0';",
    "a model": "location.hash = '#/model/run%2Fm0';",
}


def make_contents(models, tasks):
    """Make what the page shows of one run, with random accuracies and no strategies."""
    generator = np.random.default_rng(0)
    known = {"name": "", "id": "", "entries": ["run"]}
    quality = generator.normal(size=(models, 1)) + generator.normal(size=(1, tasks))
    value = 1 / (1 + np.exp(-quality - 0.5 * generator.normal(size=(models, tasks)))).round(4)
    low, high = value.clip(0.01) - 0.01, value.clip(None, 0.99) + 0.01
    task, model = np.tile(np.arange(tasks), models), np.repeat(np.arange(models), tasks)
    columns = {"protocol": 0 * model, "task": task, "model": model, "value": value.ravel(),
               "low": low.ravel(), "high": high.ravel(), "repeats": 2 + 0 * model,
               "seconds": generator.uniform(10, 1000, model.size).round(1)}  # fmt: skip
    params = 10 ** generator.uniform(6, 9, models)
    cards = [
        known | dict.fromkeys(MODEL_KEYS) | {"name": f"model_{number}.tag", "id": f"run/m{number}",
        "params": int(size), "license": ["MIT", "Apache-2.0"][number % 2], "tags": [],
        "contaminated_tasks": []}
        for number, size in enumerate(params)
    ]  # fmt: skip
    return {
        "level": 0.95,
        "entries": [{"name": "run", "kind": "own", "source": None, "license": None}],
        "protocols": [known | {"name": "own", "id": "run/own", "kind": "own", "keys": {}}],
        "tasks": [
            known | {"name": f"t{number}", "id": f"run/t{number}", "label": f"Task {number}",
                     "group": "", "classes": 2, "examples": {}}
            for number in range(tasks)
        ],
        "models": cards,
        "results": {name: each.tolist() for name, each in columns.items()}
        | {"device": ["cpu"] * model.size},
        "regrets": [],
    }  # fmt: skip


def processor_seconds(browser):
    """The processor seconds of the page's main thread so far."""
    metrics = browser.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return next(each["value"] for each in metrics if each["name"] == "TaskDuration")


def measure(browser, step):
    """Do a step; seconds until it is drawn, and processor seconds."""
    before, clock = processor_seconds(browser), time.perf_counter()
    step()
    browser.execute_async_script(DRAWN)
    return time.perf_counter() - clock, processor_seconds(browser) - before


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=int, default=10_000)
    parser.add_argument("--tasks", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "explorer.html")
        html = explorer_page(make_contents(args.models, args.tasks), "a store")
        page.write_text(html, encoding="utf-8")
        print(f"{args.models:,} models x {args.tasks} tasks, {page.stat().st_size / 1e6:.1f} MB")
        browser = start_browser(Path(folder, "profile"))
        browser.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
        taken = {}
        for _ in range(args.rounds):
            browser.get("about:blank")
            steps = {"open": lambda: browser.get(page.as_uri())} | {
                name: lambda script=script: browser.execute_script(script)
                for name, script in STEPS.items()
            }
            for name, step in steps.items():
                taken.setdefault(name, []).append(measure(browser, step))
        browser.quit()
    for name, rounds in taken.items():
        wall, busy = (statistics.median(each) for each in zip(*rounds, strict=True))
        print(f"{name:16} {wall:6.2f} s, {busy:6.2f} s of the processor")


if __name__ == "__main__":
    main()
