"""A second computation of VTAB-1K's splits."""

import gzip
import json
from pathlib import Path

import pytest

INDEX = Path(__file__).parents[2] / "data/vtab1k_index.json.gz"


@pytest.fixture(scope="module")
def index():
    with gzip.open(INDEX) as file:
        return json.load(file)
