"""How fast a model computes here, and how much memory that takes: measured, not guessed."""

import time
import weakref

from needle.base.startup import no_garbage_collection
from needle.machine.device import gpu_model
from needle.models.views import first_input

with no_garbage_collection():
    import torch
    from torch.utils._python_dispatch import TorchDispatchMode
    from torch.utils.benchmark import Timer, timer

LONG = 0.1  # seconds of a pass, from which on larger batches are not tried
LEAST, MOST = 0.05, 0.3  # seconds for the passes of one size of batch, after a first one


def measure_speed(backbone, card, task, most, device):
    """Measure a model's whole forward pass in float32, for one picture and for batches.

    The model is as it is handed over, its batch norms not folded (`folding`). The picture is there:
    decoded, as the model sees it (`view_of`), and on the device. A pass is repeated until the
    interquartile range of its times is a tenth of their median, or `MOST` seconds are over. A
    processor computes with one thread, and what counts is the time that this thread computes: not
    what it waits for a core that other jobs have. A GPU goes by the clock.

    Parameters
    ----------
    backbone : torch.nn.Module
        As `load_backbone` gives it.
    card : dict
        Its card, for how it takes images and their normalisation.
    task : Task
        Its first picture is computed.
    most : int
        The largest batch that may be tried; batches double up to it, or until one takes `LONG`.
    device : torch.device or str

    Returns
    -------
    dict
        ``milliseconds`` for one picture, the median; ``pictures_per_second`` of the batch that
        gives most; ``inference_mb`` (2^20 bytes), see `peak_bytes`; ``device``, what computed.
    """
    model = backbone.to(device).eval()
    image = first_input(task, card, device)
    seconds, count = {1: _seconds(model, image)}, 1
    while seconds[count] < LONG and 2 * count <= most:
        count *= 2
        batch = torch.cat([image] * count)
        seconds[count] = _seconds(model, batch)
    return {
        "milliseconds": 1000 * seconds[1],
        "pictures_per_second": max(size / spent for size, spent in seconds.items()),
        "inference_mb": peak_bytes(model, image) / 2**20,
        "device": gpu_model(device) if _is_gpu(image) else "one thread of the processor",
    }


@torch.inference_mode()
def _seconds(model, images):
    """The median time of a pass; the timer waits for a GPU, and has a first pass uncounted."""
    clock = timer if _is_gpu(images) else time.thread_time
    passes = Timer("model(images)", globals={"model": model, "images": images}, timer=clock)
    return passes.adaptive_autorange(min_run_time=LEAST, max_run_time=MOST).median


def _is_gpu(images):
    return images.device.type != "cpu"


@torch.inference_mode()
def peak_bytes(model, images):
    """Measure the memory of a forward pass: the weights, and what lives at once of all else.

    Counted are the images and what each operation gives, until the last use of it is over. What an
    operation takes for itself meanwhile is not, nor the program with its libraries.

    Parameters
    ----------
    model : torch.nn.Module
    images : Tensor
        As the model takes them, on its device.

    Returns
    -------
    int
        Bytes.

    Examples
    --------
    A layer of 6 weights and 2 biases, with two images of 3 numbers and their outputs of 2.

    >>> peak_bytes(torch.nn.Linear(3, 2), torch.zeros(2, 3)) == 4 * ((6 + 2) + (6 + 4))
    True
    """
    held = (images, *model.parameters(), *model.buffers())
    with _Living(held) as living:
        model(images)
    return living.peak


class _Living(TorchDispatchMode):
    """Follows the bytes of what operations give, from when they are there until they are freed."""

    def __init__(self, held):
        super().__init__()
        storages = [tensor.untyped_storage() for tensor in held]
        self.living = {storage.data_ptr(): storage.nbytes() for storage in storages}
        self.peak = sum(self.living.values())

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        given = operation(*args, **(kwargs or {}))
        for tensor in given if isinstance(given, (tuple, list)) else (given,):
            if isinstance(tensor, torch.Tensor):
                self._add(tensor.untyped_storage())
        return given

    def _add(self, storage):
        place = storage.data_ptr()
        if place not in self.living:  # else it is a view, or was changed in place
            self.living[place] = storage.nbytes()
            self.peak = max(self.peak, sum(self.living.values()))
            weakref.finalize(storage, self.living.pop, place)
