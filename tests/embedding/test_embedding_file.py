"""Files of embeddings that this library writes."""

import numpy as np
import pytest

from needle.base.errors import NeedleError
from needle.embedding.embedding_file import Embeddings, read_embeddings, write_embeddings


def embeddings(**changes):
    parts = {
        "train_features": np.ones((4, 2), np.float32),
        "train_labels": np.array([0, 1, 0, 1]),
        "val_features": np.ones((2, 2), np.float32),
        "val_labels": np.array([0, 1]),
        "classes": 2,
    }
    return Embeddings(**parts | changes)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_broken_features_are_refused(tmp_path, value):
    path = tmp_path / "e.safetensors"
    broken = np.ones((2, 2), np.float32)
    broken[1, 0] = value
    with pytest.raises(NeedleError, match=r"features in 1 of 2 val examples, first in example 1"):
        write_embeddings(path, embeddings(val_features=broken), {})
    assert not path.exists()
    write_embeddings(path, embeddings(), {})
    assert read_embeddings(path).val_features.tolist() == [[1, 1], [1, 1]]


def test_source_probabilities_go_through_a_file_and_may_be_absent(tmp_path):
    path = tmp_path / "e.safetensors"
    chances = np.random.default_rng(0).random((4, 5), np.float32)
    write_embeddings(path, embeddings(train_source_probabilities=chances), {})
    assert (read_embeddings(path).train_source_probabilities == chances).all()
    write_embeddings(path, embeddings(), {})
    assert read_embeddings(path).train_source_probabilities is None
    chances[3, 0] = np.nan
    with pytest.raises(NeedleError, match="NaN or infinite features in 1 of 4 train"):
        write_embeddings(path, embeddings(train_source_probabilities=chances), {})
