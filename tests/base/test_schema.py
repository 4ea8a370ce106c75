"""YAML files that cannot be read."""

import pytest

from needle.base.errors import NeedleError
from needle.base.schema import read_yaml


def test_a_broken_file_is_named(tmp_path):
    path = tmp_path / "broken.yaml"
    path.write_text("a: [1\nb: 2")
    with pytest.raises(NeedleError, match=r"broken\.yaml: not valid YAML"):
        read_yaml(path)
    with pytest.raises(NeedleError, match=r"absent\.yaml: cannot be read"):
        read_yaml(tmp_path / "absent.yaml")
