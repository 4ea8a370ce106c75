"""How many images a frozen model takes at once, from the memory that there is."""

from needle.base.startup import no_garbage_collection
from needle.models.views import first_input

with no_garbage_collection():
    import torch

LARGEST = 256  # images: more are no faster
PROGRAM = 800  # MB that a process with torch and timm takes before any weights, as measured
LIVE = 4  # times what the largest layer takes and gives: 1.9 to 3.6 were measured


def images_at_once(model, card, task, device, memory):
    """Choose how many images of a task to compute at once, so that a job stays within its memory.

    Parameters
    ----------
    model : torch.nn.Module
        It is moved to the device.
    card : dict
        Its card.
    task : Task
        Its first image is computed, to see what the layers need.
    device : torch.device or str
    memory : int
        MB that the job may take. On a GPU what is free there counts instead.

    Returns
    -------
    int
        A power of two from 1 to `LARGEST`. On a processor it depends on model and `memory` only,
        never on what other programs take: the same job computes the same, bit by bit.
    """
    image = first_input(task, card, device)
    return fitting(model.to(device).eval(), image, memory)


def fitting(model, images, memory):
    """Choose how many images fit: see `images_at_once`; `images` is one, as the model takes it."""
    need = LIVE * layer_bytes(model, images)
    if images.device.type != "cpu":
        room, _ = torch.accelerator.get_memory_info(images.device)
    else:
        weights = sum(p.numel() * p.element_size() for p in model.parameters())
        # Weights twice: when they are read there is the file too, and later what `folded` makes.
        room = (memory - PROGRAM) * 2**20 - 2 * weights
    fits = max(int(room / need), 1)
    return min(1 << (fits.bit_length() - 1), LARGEST)


@torch.inference_mode()
def layer_bytes(model, images):
    """Measure the bytes of the input and output of that layer which has the most of both."""
    largest = 0

    def measure(module, inputs, output):
        nonlocal largest
        tensors = [t for t in (*inputs, output) if isinstance(t, torch.Tensor)]
        largest = max(largest, sum(t.numel() * t.element_size() for t in tensors))

    layers = [module for module in model.modules() if next(module.children(), None) is None]
    hooks = [layer.register_forward_hook(measure) for layer in layers]
    try:
        model(images)
    finally:
        for hook in hooks:
            hook.remove()
    return largest
