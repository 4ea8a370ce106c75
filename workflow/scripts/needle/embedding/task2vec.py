"""Task2Vec: a task as the diagonal Fisher information of a probe network.

Achille et al., "Task2Vec: Task Embedding for Meta-Learning", ICCV 2019, arXiv 1902.03545.
"""

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from needle.machine.device import float64
from needle.models.backbones import normalise
from needle.models.views import view_of

READ_AT_ONCE = 256  # images


def train_head(features, labels, classes):
    """Train a linear head on the frozen features of a probe network.

    Parameters
    ----------
    features : numpy.ndarray, shape (N, D)
    labels : numpy.ndarray of int, shape (N,)
    classes : int
        C.

    Returns
    -------
    tuple of numpy.ndarray
        Weights (C, D) and biases (C,) of a logistic regression on the features, standardised and
        with the penalty that scikit-learn has as its default. A class without an example has
        probability 0.
    """
    scaler = StandardScaler().fit(features)
    model = LogisticRegression(max_iter=1000).fit(scaler.transform(features), labels)
    coefficients, intercepts = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # one row for the second class against the first
        coefficients, intercepts = (
            np.concatenate([np.zeros_like(each), each]) for each in (coefficients, intercepts)
        )
    scaled = coefficients / scaler.scale_
    weights = np.zeros((classes, features.shape[1]))
    biases = np.full(classes, -np.inf)
    weights[model.classes_] = scaled
    biases[model.classes_] = intercepts - scaled @ scaler.mean_
    return weights, biases


def fisher_diagonal(backbone, card, head, task, device, seed):
    """Compute the diagonal Fisher information of a probe network's filters on a task.

    Parameters
    ----------
    backbone : torch.nn.Module
        As `load_backbone` gives it: images to features (N, D).
    card : dict
        Its card, for the normalisation.
    head : tuple of numpy.ndarray
        Weights (C, D) and biases (C,).
    task : Task
        Its train images are used.
    device : torch.device or str
    seed : int
        Draws a label for every image.

    Returns
    -------
    numpy.ndarray of float64, shape (F,)
        For each filter (a row of a convolution's or linear layer's weights) the mean over its
        weights w, and over images x, of (d log p(y | x) / dw)^2, where y is drawn from p(. | x):
        what the network itself predicts, as the Fisher information asks for, not the true label.
    """
    backbone.to(device).eval()
    weights, biases = (torch.tensor(each, dtype=torch.float32, device=device) for each in head)
    filters = [parameter for parameter in backbone.parameters() if parameter.ndim > 1]
    sums = [float64(torch.zeros(len(each), device=device)) for each in filters]
    generator = torch.Generator().manual_seed(seed % 2**63)
    count = 0
    view = view_of(task, card)
    for images, _ in task.chunks("train", READ_AT_ONCE):
        images = view(images, device)
        # The square of a gradient is needed of each image, not of their sum.
        for image in images.split(1):
            features = backbone(normalise(image, card)).float()
            log_likelihoods = torch.log_softmax(features @ weights.T + biases, dim=-1)[0]
            chances = log_likelihoods.detach().exp().cpu()
            label = torch.multinomial(chances, 1, generator=generator).item()
            gradients = torch.autograd.grad(log_likelihoods[label], filters)
            for total, gradient in zip(sums, gradients, strict=True):
                total += float64(gradient).square().flatten(1).mean(dim=1)
            count += 1
    return (torch.cat(sums) / count).cpu().numpy()
