"""What is read of a frozen model: its last features, their mean over layers, or its last tokens.

A reading is a module of images to two tensors: what is read, and the last layer's features, which
the source head needs.
"""

import inspect

from needle.base.errors import NeedleError
from needle.base.startup import no_garbage_collection

with no_garbage_collection():
    import torch


class Last(torch.nn.Module):
    """The embedding of the last layer, as the model pools it.

    Parameters
    ----------
    backbone : torch.nn.Module
        As `load_backbone` gives it: images to features (N, D).
    """

    layers = 1

    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone

    def forward(self, images):
        """Read images (N, 3, H, W): features (N, D), twice."""
        features = self.backbone(images)
        return features, features


class _Together(torch.nn.Module):
    """Passes on what is held at once, as one layer that `batch_size.layer_bytes` can measure."""

    def forward(self, *outputs):
        return outputs


class LayersMean(torch.nn.Module):
    """The mean over layers of the embedding that the model would give if it ended there.

    Each layer's output goes through the model's own last normalisation, pooling and head; so the
    last layer's is `Last`. Layers are those that timm's ``forward_intermediates`` lists with an
    output of the last one's shape: all blocks of a transformer that keeps its width. Of a network
    in stages, each of a shape of its own (convnets, Swin, Hiera), and of torchvision's models that
    is the last alone: the mean is that of `Last`.

    For text the mean lifts LogME's Pearson correlation with fine-tuning from .58 to .86 (arXiv
    2409.05997).

    Parameters
    ----------
    backbone : torch.nn.Module

    Attributes
    ----------
    layers : int
        How many there are.
    """

    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        listing = getattr(backbone, "forward_intermediates", None)
        # Models that timm takes for a stack of blocks over tokens say so by this parameter.
        stack = listing and "return_prefix_tokens" in inspect.signature(listing).parameters
        self.layers = len(backbone.feature_info) if stack else 1
        self.together = _Together()

    def forward(self, images):
        """Read images (N, 3, H, W): the mean over layers (N, D), and the last one's (N, D)."""
        if self.layers == 1:
            features = self.backbone(images)
            return features, features
        final, outputs = self.backbone.forward_intermediates(
            images, norm=True, output_fmt="NLC", return_prefix_tokens=True
        )
        tokens = [
            torch.cat(output[::-1], dim=1) if isinstance(output, tuple) else output
            for output in outputs
        ]
        pooled = [self.backbone.forward_head(each) for each in self.together(*tokens)]
        return torch.stack(pooled).mean(dim=0), self.backbone.forward_head(final)


class Tokens(torch.nn.Module):
    """The last layer's tokens, each as the model's head sees it.

    Of a ViT or EVA: all its tokens, class and register tokens too, normalised. Of others, with a
    feature map or tokens of one kind (Hiera): each position, gone through the head as if it were
    alone, which gives it the width of an embedding where the head has layers (MobileNetV4).

    Parameters
    ----------
    backbone : torch.nn.Module

    Raises
    ------
    NeedleError
        If it is no model of timm, which alone say what they have before pooling.
    """

    layers = 1

    def __init__(self, backbone):
        super().__init__()
        if not hasattr(backbone, "forward_features"):
            raise NeedleError(
                "config: embedding.features: attentive reads tokens, which torchvision's models "
                "do not give; leave the model out of models"
            )
        self.backbone = backbone

    def forward(self, images):
        """Read images (N, 3, H, W): tokens (N, L, D), and the last layer's features (N, D)."""
        model = self.backbone
        features = model.forward_features(images)
        pooled = model.forward_head(features)
        if features.ndim == 3 and hasattr(model, "fc_norm"):
            return model.fc_norm(features), pooled
        by_channel = features.ndim == 4 and getattr(model, "output_fmt", "NCHW") == "NCHW"
        rows = features.movedim(1, -1) if by_channel else features
        alone = rows.reshape(-1, *[1] * (rows.ndim - 2), rows.shape[-1])
        alone = alone.movedim(-1, 1) if by_channel else alone
        return model.forward_head(alone).unflatten(0, (len(images), -1)), pooled


READINGS = {"last": Last, "layers-mean": LayersMean, "attentive": Tokens}
