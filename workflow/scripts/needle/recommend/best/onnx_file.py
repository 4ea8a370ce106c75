"""``model.onnx`` beside each model of the answer, checked on the test pictures."""

import logging
import warnings

import numpy as np

from needle.base.errors import NeedleError
from needle.base.startup import no_garbage_collection
from needle.models.views import view_of
from needle.recommend.best.predict import Answer

with no_garbage_collection():
    import onnxruntime
    import torch

TOLERANCE = 1e-4  # of a probability
AT_ONCE = 32  # pictures


class Whole(torch.nn.Module):
    """A member with all that comes before and after: from uint8 squares to probabilities.

    Parameters
    ----------
    member : predict.Member
    temperature : float
    """

    def __init__(self, member, temperature):
        super().__init__()
        self.member = member
        self.temperature = temperature

    def forward(self, pixels):
        """Compute probabilities (N, C) of ``pixels``, uint8 (N, 3, size, size)."""
        return (self.member(pixels) / self.temperature).softmax(dim=1)


def write_onnx(folder, cards, task):
    """Write and check ``model.onnx`` beside each model of an answer.

    Its input ``pixels`` are the squares of any number of pictures, uint8 (N, 3, size, size), RGB;
    its output ``probabilities``, float32 (N, C), by the answer's temperature where there is one
    member, as they are where there are several.

    Parameters
    ----------
    folder : path
        Of the answer.
    cards : list of dict
        Of its members.
    task : Task

    Returns
    -------
    float
        The largest difference of a probability between ONNX Runtime and torch on the test
        pictures.

    Raises
    ------
    NeedleError
        If a model cannot be written, or a difference is above `TOLERANCE`.
    """
    answer = Answer(folder)
    temperature = answer.temperature if len(cards) == 1 else 1.0
    apart = []
    for member, card in zip(answer.members, cards, strict=True):
        whole = Whole(member, temperature).eval()
        path = member.folder / "model.onnx"
        try:
            _write(path, whole, task, card)
            apart.append(_largest_difference(path, whole, task, card))
        except Exception as error:  # of exporter or runtime, whose errors have no common class
            reason = str(error).strip().split("\n")[0]
            raise NeedleError(
                f"model {card['name']}: cannot be written for ONNX ({reason}); leave onnx out of "
                "the config"
            ) from error
        if not apart[-1] <= TOLERANCE:  # NaN neither
            raise NeedleError(
                f"model {card['name']}: a probability of a test picture differs by "
                f"{apart[-1]:.1e} in ONNX, above {TOLERANCE:g}; leave onnx out of the config"
            )
    return max(apart)


def _write(path, whole, task, card):
    """Trace a model on two pictures."""
    pixels = next(_squares(task, card))[:1].expand(2, -1, -1, -1).contiguous()
    quiet = logging.getLogger("torch.onnx")
    level = quiet.level
    quiet.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                whole,
                (pixels,),
                path,
                input_names=["pixels"],
                output_names=["probabilities"],
                dynamic_shapes=({0: torch.export.Dim("pictures")},),
                dynamo=True,
                external_data=False,
                verbose=False,
            )
    finally:
        quiet.setLevel(level)


@torch.inference_mode()
def _largest_difference(path, whole, task, card):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    largest = []
    for squares in _squares(task, card):
        (found,) = session.run(None, {"pixels": squares.numpy()})
        largest.append(np.abs(found - whole(squares).numpy()).max())
    return float(np.max(largest))


def _squares(task, card):
    """Give what a model sees of the test pictures, some at a time."""
    view = view_of(task, card)
    return (view(images, "cpu") for images, _ in task.chunks("test", AT_ONCE))
