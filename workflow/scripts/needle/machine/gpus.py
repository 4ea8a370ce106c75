"""Which GPU a job computes on: the one that it was assigned, or one of those that there are.

Nothing here imports torch: CUDA reads CUDA_VISIBLE_DEVICES once, so it is set before.
"""

import glob
import itertools
import os
import platform
import re
import shutil
import subprocess
import sys
from typing import NamedTuple

from needle.base.errors import NeedleError
from needle.machine.gpu_pool import claim

VARIABLE = "CUDA_VISIBLE_DEVICES"
DEVICE_FILES = ("/dev/nvidia[0-9]*", "/dev/kfd", "/dev/dxg")  # CUDA, ROCm, Windows
APPLE = "mps"  # the one GPU of a Mac, as torch calls it
# The first of these ends the list of CUDA_VISIBLE_DEVICES; SLURM writes the last.
NO_DEVICE = {"", "-1", "NoDevFiles"}


class Gpu(NamedTuple):
    """A GPU as `nvidia-smi -L` lists it, and what CUDA can use of it: itself or its MIG parts."""

    number: str
    uuid: str
    devices: list


class Assignment(NamedTuple):
    """The device that a job may use, None for the processor, and why."""

    gpu: str | None
    reason: str


def assign_gpu(gpus):
    """Find the GPU of this job; one that nobody assigned is claimed until the process ends.

    A SLURM job that sees one GPU has it, whatever was asked for. Else a job that asks for one
    claims one of those that ``CUDA_VISIBLE_DEVICES`` names, by default of all, and the variable is
    set to it; so call this before torch is asked about CUDA. If all are taken, it waits.

    Parameters
    ----------
    gpus : int
        How many the job asks for: 0 or 1.

    Returns
    -------
    Assignment

    Raises
    ------
    NeedleError
        If a job asks for several, ``CUDA_VISIBLE_DEVICES`` names a GPU that is not there,
        nvidia-smi fails, or there can be no locks in the temporary folder.
    """
    if gpus not in (0, 1):
        raise NeedleError(f"--gpus {gpus}: a job computes on one GPU; set its resource gpu to 1")
    names, slurm_job = visible_names(), os.environ.get("SLURM_JOB_ID")
    if slurm_job and names and len(names) == 1:
        return Assignment(names[0], f"assigned by SLURM to job {slurm_job}")
    if gpus == 0:
        return Assignment(None, "no GPU asked for")
    devices = usable_devices(names)
    if not devices:
        missing = f"{VARIABLE} names none" if names == [] else "this machine has none"
        return Assignment(None, f"a GPU asked for, but {missing}")
    gpu = claim(devices)
    os.environ[VARIABLE] = gpu  # which on a Mac says nothing to torch
    return Assignment(gpu, f"claimed, one of {len(devices)}")


def processor_wanted():
    """Whether ``NEEDLE_DEVICE=cpu`` asks for the processor, whatever is assigned or claimed.

    Raises
    ------
    NeedleError
        If the variable has another value.
    """
    value = os.environ.get("NEEDLE_DEVICE", "")
    if value not in ("", "cpu"):
        raise NeedleError(
            f"NEEDLE_DEVICE={value}: can only be cpu; unset it, and choose GPUs by {VARIABLE}"
        )
    return value == "cpu"


def visible_names():
    """Read the names in ``CUDA_VISIBLE_DEVICES``: a list of str, None where it is not set."""
    if VARIABLE not in os.environ:
        return None
    names = (name.strip() for name in os.environ[VARIABLE].split(","))
    return list(dict.fromkeys(itertools.takewhile(lambda name: name not in NO_DEVICE, names)))


def usable_devices(names):
    """Give the devices that some names stand for, None for all of the machine.

    Parameters
    ----------
    names : list of str or None
        As `visible_names` gives them.

    Returns
    -------
    list of str
        UUIDs, since a number means another GPU in another SLURM job; without nvidia-smi, `names`
        as they are, or the numbers of all GPUs. On a Mac `APPLE`, whatever the names.

    Raises
    ------
    NeedleError
        If nvidia-smi fails or lists no such device.
    """
    if names == []:
        return []
    if shutil.which("nvidia-smi"):
        listed = parse_listing(list_gpus())
        if names is None:
            return [device for gpu in listed for device in gpu.devices]
        return devices_named(names, listed)
    if (platform.system(), platform.machine()) == ("Darwin", "arm64"):
        return [APPLE]
    return _numbers_of_torch() if names is None else names


def list_gpus():
    """Give what `nvidia-smi -L` prints; a `NeedleError` if it fails for another cause than none."""
    try:
        done = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, timeout=120)
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = str(error)
    else:
        output = done.stdout + done.stderr
        if done.returncode == 0 or "no devices" in output.lower():
            return output
        reason = " ".join(output.split())
    raise NeedleError(
        f"nvidia-smi -L failed ({reason}), so the GPUs of this machine are not known; mend its "
        f"driver, or set {VARIABLE} to -1 to compute on the processor"
    )


def parse_listing(text):
    """Read the output of `nvidia-smi -L`.

    Returns
    -------
    list of Gpu

    Examples
    --------
    >>> one, two = parse_listing('''
    ... GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-5c89852c)
    ...   MIG 3g.20gb     Device  0: (UUID: MIG-c7384736)
    ...   MIG 3g.20gb     Device  1: (UUID: MIG-a28ad590)
    ... GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-8a56a4bc)''')
    >>> one.devices, two.devices
    (['MIG-c7384736', 'MIG-a28ad590'], ['GPU-8a56a4bc'])
    """
    found = []
    for line in text.splitlines():
        if gpu := re.match(r"GPU (\d+): .*\(UUID: (GPU-[^)]+)\)", line):
            found.append((*gpu.groups(), []))
        elif part := re.match(r"\s+MIG .*\(UUID: (MIG-[^)]+)\)", line):
            found[-1][2].append(part[1])
    return [Gpu(number, uuid, parts or [uuid]) for number, uuid, parts in found]


def devices_named(names, listed):
    """Find devices by number, UUID or the unique beginning of a UUID, as CUDA does.

    Numbers are those of nvidia-smi; a GPU that is split stands for all of its parts.

    Parameters
    ----------
    names : list of str
    listed : list of Gpu

    Returns
    -------
    list of str

    Raises
    ------
    NeedleError
        If a name stands for no device or for several.

    Examples
    --------
    >>> listed = [Gpu("0", "GPU-5c8", ["MIG-c73", "MIG-a28"]), Gpu("1", "GPU-8a5", ["GPU-8a5"])]
    >>> devices_named(["1", "MIG-a"], listed)
    ['GPU-8a5', 'MIG-a28']
    """
    found = []
    for name in names:
        whole = [gpu.devices for gpu in listed if name == gpu.number or gpu.uuid.startswith(name)]
        parts = [[device] for gpu in listed for device in gpu.devices if device.startswith(name)]
        matches = whole or parts
        if len(matches) != 1:
            has = ", ".join(f"{gpu.number} ({gpu.uuid})" for gpu in listed) or "none"
            raise NeedleError(
                f"{VARIABLE}: {name!r} is not one GPU of this machine, which has {has}; "
                "correct or unset it"
            )
        found += matches[0]
    return list(dict.fromkeys(found))


def _numbers_of_torch():
    """Count GPUs without nvidia-smi, which some containers lack."""
    if not any(itertools.chain.from_iterable(map(glob.iglob, DEVICE_FILES))):
        return []  # to ask torch takes seconds
    # In a child: torch would read CUDA_VISIBLE_DEVICES now, and never again.
    count = "import torch; print(torch.cuda.device_count())"
    done = subprocess.run([sys.executable, "-c", count], stdout=subprocess.PIPE, check=True)
    return [str(number) for number in range(int(done.stdout))]
