"""The stores that a config names."""

import pytest

from needle.base.errors import NeedleError
from needle.base.schema import check, read_yaml
from needle.run.stores import check_former_key, check_stores, locate_stores, store_state
from needle.store.writing import write_entry
from stored import ROWS, entry
from workflow import ROOT, SCHEMA

ARCHIVE = {"url": "https://host.org/s.tar.gz", "sha256": "a" * 64}


def test_a_store_is_the_users_or_that_of_needle_or_is_fetched(tmp_path, monkeypatch):
    (tmp_path / "needle/store").mkdir(parents=True)
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path)
    config = {"store": ["store", "mine", ARCHIVE]}
    assert locate_stores(config, "needle") == {
        "needle/store": "", "mine": "", f"resources/stores/{'a' * 64}": ARCHIVE["url"],
    }  # fmt: skip
    (tmp_path / "store").mkdir()
    assert "store" in locate_stores(config, "needle")
    assert locate_stores({}, "needle") == {}


def test_a_folder_without_entries_is_refused_before_any_work(tmp_path):
    with pytest.raises(NeedleError, match=rf"config: store: {tmp_path} is no store; .* make store"):
        check_stores({str(tmp_path): ""})
    write_entry(entry(), tmp_path)
    check_stores({str(tmp_path): "", "to/be/fetched": "https://host.org/s.zip"})


def test_the_former_key_is_answered_with_the_present_one():
    with pytest.raises(NeedleError, match=r"earlier_runs: is no key any more.*`store: \[store\]`"):
        check_former_key({"earlier_runs": []})


@pytest.mark.parametrize(
    "wrong", ["store", [{"url": "https://host.org/s.zip"}], [ARCHIVE | {"url": "ftp://host"}], [""]]
)
def test_a_store_is_a_folder_or_an_address_with_its_checksum(wrong):
    config = read_yaml(ROOT / "config.yaml")
    check(config | {"store": ["store", ARCHIVE]}, SCHEMA["config"], "config")
    with pytest.raises(NeedleError, match=r"config: store"):
        check(config | {"store": wrong}, SCHEMA["config"], "config")


def test_the_state_is_that_of_the_content(tmp_path):
    assert store_state(tmp_path / "nowhere") == ""
    states = set()
    for folder, rows in (("x", ROWS), ("y", ROWS), ("z", ROWS[:2])):
        write_entry(entry(rows=rows), tmp_path / folder)
        states.add(store_state(tmp_path / folder))
    assert len(states) == 2
