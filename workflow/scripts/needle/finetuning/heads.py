"""The head that fine-tuning may begin with: the one that a frozen model would be used with.

The head first and then all weights is LP-FT (Kumar and others, Fine-Tuning can Distort Pretrained
Features and Underperform Out-of-Distribution, ICLR 2022).
"""

import copy

from needle.finetuning.batch_norms import recompute
from needle.finetuning.frozen import freeze
from needle.models.backbones import forward_all
from needle.models.checkpoints import attach_head
from needle.proxies.tuned_head import tune_head


def probed_head(backbone, card, classes, splits, protocol, batch_size):
    """Tune a head on what a frozen model makes of train, by val.

    Parameters
    ----------
    backbone : torch.nn.Module
        Left as it is.
    card : dict
    classes : int
    splits : dict of str to tuple of Tensor
        Images and labels of train and val, as the model sees them in training.
    protocol : dict
        Where it recomputes the statistics of batch normalisation, features are of statistics of
        train: those that training begins with.
    batch_size : int

    Returns
    -------
    needle.proxies.tuned_head.Head
    """
    images, labels = splits["train"]
    model = freeze(attach_head(copy.deepcopy(backbone), classes).to(images.device), protocol)
    if protocol.get("batch_norm") == "recomputed":
        recompute(model, images, card, batch_size)
    model.reset_classifier(0)
    features = {
        split: forward_all(model, images, card, batch_size).float().cpu().numpy()
        for split, (images, _) in splits.items()
    }
    labels = {split: labels.cpu().numpy() for split, (_, labels) in splits.items()}
    return tune_head(features["train"], labels["train"], features["val"], labels["val"], classes)
