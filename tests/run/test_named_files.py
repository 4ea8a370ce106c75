"""Where the files are that a config names."""

from pathlib import Path

import pytest

from needle.run.named_files import find_file, find_files


@pytest.fixture
def needle(tmp_path, monkeypatch):
    """Needle's folder as a working directory beside it sees it."""
    (tmp_path / "needle/config").mkdir(parents=True)
    (tmp_path / "needle/config/both.yaml").touch()
    (tmp_path / "needle/config/ours.yaml").touch()
    (tmp_path / "work/config").mkdir(parents=True)
    (tmp_path / "work/config/both.yaml").touch()
    monkeypatch.chdir(tmp_path / "work")
    return Path("../needle")


def test_the_users_file_comes_before_that_of_needle(needle):
    assert find_file("config/both.yaml", needle) == "config/both.yaml"
    assert find_file("config/ours.yaml", needle) == "../needle/config/ours.yaml"


def test_a_path_that_is_nowhere_or_no_file_stays_as_it_is(needle):
    for path in ("config/none.yaml", "config", "", "/none.yaml"):
        assert find_file(path, needle) == path


def test_in_needles_own_folder_every_path_stays_as_it_is(needle, monkeypatch):
    monkeypatch.chdir(needle)
    for path in ("config/ours.yaml", "./config/ours.yaml", "config/none.yaml"):
        assert find_file(path, Path()) == path


def test_only_keys_that_name_files_are_looked_at(needle):
    config = {"run": "config/ours.yaml", "model_cards": "config/ours.yaml", "task_cards": 5}
    assert find_files(config, needle) == {"model_cards": "../needle/config/ours.yaml"}
