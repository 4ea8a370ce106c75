"""The batch norms of a frozen model, done by the convolutions before them.

With fixed statistics a batch norm is a scale and a shift of each channel. A convolution whose
output goes into it, and nowhere else, can have both in its weights and bias. What is computed is
the same but for rounding.
"""

import contextlib
from collections import Counter, defaultdict

from needle.base.startup import no_garbage_collection

with no_garbage_collection():
    import torch
    from timm.layers import BatchNormAct2d, Conv2dSame
    from torch.nn.utils.fusion import fuse_conv_bn_eval
    from torch.utils._python_dispatch import TorchDispatchMode
    from torch.utils._pytree import tree_leaves
    from torch.utils.weak import WeakTensorKeyDictionary

# These alone: a subclass may do more with its weights, such as standardise them.
CONVOLUTIONS = (torch.nn.Conv2d, Conv2dSame)
NORMS = (torch.nn.BatchNorm2d, BatchNormAct2d)
# What they call: the first in inference mode, else the second.
CONVOLVE = (torch.ops.aten.conv2d, torch.ops.aten.convolution)


@contextlib.contextmanager
def folded(model, images):
    """Fold the batch norms of a model into its convolutions, for as long as the context lasts.

    Parameters
    ----------
    model : torch.nn.Module
        In evaluation mode. After the context it is what it was, its weights the same tensors.
    images : Tensor
        As the model takes them; one is enough. See `foldable`.

    Yields
    ------
    dict of torch.nn.Module to torch.nn.Module
        The convolutions and norms that are replaced.

    Examples
    --------
    The norm halves and adds 3; the convolution is a weight of 4.

    >>> layers = torch.nn.Conv2d(1, 1, 1, bias=False), torch.nn.BatchNorm2d(1, eps=0)
    >>> model = torch.nn.Sequential(*layers).eval()
    >>> for tensor, value in zip(model.state_dict().values(), (4, 1, 3, 0, 4)):
    ...     _ = tensor.fill_(value)
    >>> with folded(model, torch.zeros(1, 1, 1, 1)):
    ...     model[0].weight.item(), model[0].bias.item(), model[1]
    (2.0, 3.0, Identity())
    >>> model[0].weight.item(), model[0].bias, model[1] is layers[1]
    (4.0, None, True)
    """
    pairs = foldable(model, images)
    names = {module: name for name, module in model.named_modules()}
    try:
        for convolution, norm in pairs.items():
            model.set_submodule(names[convolution], fuse_conv_bn_eval(convolution, norm))
            # What dropout is in timm's norms does nothing in evaluation.
            rest = norm.act if isinstance(norm, BatchNormAct2d) else torch.nn.Identity()
            model.set_submodule(names[norm], rest)
        yield pairs
    finally:
        for module in (*pairs.keys(), *pairs.values()):
            model.set_submodule(names[module], module)


@torch.no_grad()
def foldable(model, images):
    """Find the convolutions whose output goes into a batch norm, which takes no other's.

    The order in which a model lists its layers is not that in which it calls them. So it is called,
    and its operations are followed: whatever else takes or changes an output forbids folding, and
    so does a layer that the model has in two places.

    Parameters
    ----------
    model : torch.nn.Module
        In evaluation mode.
    images : Tensor

    Returns
    -------
    dict of torch.nn.Module to torch.nn.Module
        From convolution to norm.
    """
    with _Followed(model) as followed:
        given = model(images)
    for output in tree_leaves(given):
        followed.note(output, None)
    return {
        convolution: norm
        for norm, givers in followed.givers.items()
        for convolution in givers
        if givers == {convolution} and followed.takers.get(convolution) == {norm}
    }


class _Followed(TorchDispatchMode):
    """Follows what convolutions give and what batch norms take.

    Attributes
    ----------
    takers : dict of torch.nn.Module to set
        By convolution: the norms that take what it gives, and None for anything else that does.
    givers : dict of torch.nn.Module to set
        By norm: the convolutions that give what it takes, and None for anything else.
    """

    def __init__(self, model):
        super().__init__()
        self.takers, self.givers = defaultdict(set), defaultdict(set)
        self.origins = WeakTensorKeyDictionary()  # of what convolutions gave and is still there
        places = Counter(id(tensor) for tensor in model.state_dict(keep_vars=True).values())
        keys = (
            (module.weight if type(module) in CONVOLUTIONS else module.running_mean, module)
            for module in model.modules()
            if type(module) in CONVOLUTIONS + NORMS
        )
        # An operation does not know its module, but is called with that one's tensors.
        self.layers = {id(key): module for key, module in keys if places[id(key)] == 1}

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        given = operation(*args, **(kwargs or {}))
        taken = tree_leaves((args, kwargs))
        layer = next((self.layers[id(each)] for each in taken if id(each) in self.layers), None)
        norm = layer if type(layer) in NORMS else None
        for each in taken:
            self.note(each, norm)
        if norm:
            self.givers[norm].add(self.origins.get(args[0]))
        elif layer and operation.overloadpacket in CONVOLVE:
            self.origins[given] = layer
        elif layer:
            self.takers[layer].add(None)  # its weights are used in another way too
        return given

    def note(self, tensor, taker):
        """Note what takes a tensor, if a convolution gave it."""
        if isinstance(tensor, torch.Tensor) and tensor in self.origins:
            self.takers[self.origins[tensor]].add(taker)
