"""ETran's energy score against scipy."""

import numpy as np
import pytest
from drawn_embeddings import draw, mapped
from scipy.special import logsumexp

from needle.proxies.formulas.pooled.etran_energy import score


@pytest.mark.parametrize("scale", [1, 1e3])
def test_it_is_the_mean_log_of_summed_exponentials(scale):
    embeddings = mapped(draw(), lambda x: scale * x)
    expected = logsumexp(embeddings.train_features, axis=1).mean()
    assert score(embeddings) == pytest.approx(expected, rel=1e-12)


def test_by_hand():
    embeddings = draw(2, 2, classes=2)
    embeddings.train_features[:] = [[0, 0], [np.log(3), 0]]
    assert score(embeddings) == pytest.approx((np.log(2) + np.log(4)) / 2)
    moved = mapped(embeddings, lambda x: x + 5)
    assert score(moved) == pytest.approx(score(embeddings) + 5)
