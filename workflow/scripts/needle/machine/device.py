"""Where torch computes, and how exactly."""

import functools
import platform
import sys

from needle.base import bilinear
from needle.base.errors import NeedleError
from needle.base.startup import no_garbage_collection
from needle.machine.gpus import assign_gpu, processor_wanted

with no_garbage_collection():
    import torch


def choose_device(threads, gpus=0):
    """Choose where a job computes, say so in its log, and limit torch to some processor threads.

    With ``NEEDLE_DEVICE=cpu`` in the environment that is the processor, though a GPU is claimed as
    without it: to try the scheduling of GPUs without them, or to repeat a result bit by bit.

    Parameters
    ----------
    threads : int
        Processor threads.
    gpus : int
        How many GPUs the job asks for, 0 or 1: see `assign_gpu`.

    Returns
    -------
    torch.device

    Raises
    ------
    NeedleError
        If torch cannot use the GPU that was assigned or claimed: nothing falls back in silence.
    """
    limit_threads(threads)
    on_processor = processor_wanted()
    gpu, reason = assign_gpu(gpus)
    if gpu is None or on_processor:
        instead = f"NEEDLE_DEVICE=cpu, in place of {gpu}, " if gpu else ""
        print(f"device: processor ({instead}{reason})", file=sys.stderr, flush=True)
        return torch.device("cpu")
    device = _working(gpu, reason)
    print(f"device: {gpu}, {gpu_model(device)} ({reason})", file=sys.stderr, flush=True)
    return device


def try_convolutions():
    """Let cuDNN try its algorithms for each shape of batch, on a GPU.

    That takes some seconds a shape and pays over hundreds of batches: for training, not for one
    pass over a thousand images.
    """
    torch.backends.cudnn.benchmark = True


def limit_threads(threads):
    """Limit torch to some processor threads."""
    torch.set_num_threads(threads)


def gpu_model(device):
    """Give the name of a GPU's model."""
    if torch.device(device).type == "mps":
        return torch.backends.mps.get_name()
    return torch.cuda.get_device_name(device)


def device_name(device):
    """Name what computes: the model of a GPU, or the kind of processor.

    Examples
    --------
    >>> device_name("cpu").endswith(" processor")
    True
    """
    if torch.device(device).type == "cpu":
        return f"{platform.machine()} processor"
    return gpu_model(device)


def _working(gpu, reason):
    """Give the kind of device that a GPU is to torch, once torch has computed on it."""
    # ROCm calls itself cuda too; a torch for processors alone has no kind, and says so of CUDA.
    device = torch.accelerator.current_accelerator() or torch.device("cuda")
    try:
        torch.ones(1, device=device).item()
        return device
    # A torch without CUDA fails an assertion.
    except (RuntimeError, AssertionError) as error:
        raise NeedleError(
            f"GPU {gpu} ({reason}): torch {torch.__version__} cannot use it "
            f"({str(error).splitlines()[0]}); update its driver, install the torch that fits it, "
            "or set NEEDLE_DEVICE=cpu to compute on the processor"
        ) from error


def autocast(device, precision):
    """Make the context in which a model computes in some precision; its weights stay float32.

    Parameters
    ----------
    device : torch.device or str
    precision : str
        ``float32``: what torch does by default, with CUDA that is TF32 in convolutions.
        ``bfloat16``: matrix products and convolutions in it, sums and losses in float32. A
        processor can do it always, slowly where it has no instructions for it.

    Returns
    -------
    context manager
        It can be entered again once it is left.

    Raises
    ------
    NeedleError
        For bfloat16 on a GPU without it: nothing falls back in silence.
    """
    kind = torch.device(device).type
    wanted = precision == "bfloat16"
    if wanted and kind == "cuda" and not torch.cuda.is_bf16_supported(including_emulation=False):
        raise NeedleError(
            f"precision: bfloat16 asked for, but {gpu_model(device)} does not "
            "have it; set precision: float32 in the config"
        )
    return torch.autocast(kind, dtype=torch.bfloat16, enabled=wanted)


def move(array, device):
    """Copy an array to a device as a tensor; CUDA goes on computing meanwhile."""
    tensor = torch.from_numpy(array)
    if torch.device(device).type == "cuda":
        return tensor.pin_memory().to(device, non_blocking=True)
    # To a Mac's GPU such a copy may read the array when it is gone (pytorch issue 139550).
    return tensor.to(device)


def move_images(images, device, size):
    """Copy images to a device, and there enlarge those that are stored smaller than they are used.

    Enlarged images are integers again, and those that they would be if they had been resized before
    they were stored: see `needle.base.bilinear`.

    Parameters
    ----------
    images : numpy.ndarray of uint8, shape (N, 3, H, W)
    device : torch.device or str
    size : int or None
        Height and width at which images are used; None for those they have.

    Returns
    -------
    Tensor of uint8, shape (N, 3, size, size)
    """
    images = move(images, device)
    if size is None or images.shape[2:] == (size, size):
        return images
    rows, columns = (_ends(length, size, images.device) for length in images.shape[2:])
    return bilinear.interpolate(images.float(), rows, columns).round_().to(torch.uint8)


@functools.lru_cache(maxsize=16)
def _ends(length, size, device):
    """Put what `bilinear.ends` gives on a device, once: a copy makes it wait."""
    with torch.inference_mode(False):
        return tuple(torch.from_numpy(array).to(device) for array in bilinear.ends(length, size))


def float64(tensor):
    """Give a tensor in float64: where it is, but on the processor if a Mac's GPU has it.

    Such a GPU has no float64.
    """
    return (tensor.cpu() if tensor.device.type == "mps" else tensor).double()


def is_out_of_memory(error):
    """Tell whether a RuntimeError says that a device's memory has ended."""
    # The allocator of a Mac's GPU has no class for it, only these words.
    words = ("MPS backend out of memory", "Invalid buffer size")
    return isinstance(error, torch.OutOfMemoryError) or str(error).startswith(words)
