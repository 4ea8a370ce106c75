"""Say what is on pictures, as a CSV table, with the answer that lies beside this program.

    python predict.py pictures/ > predictions.csv

It needs torch, torchvision, timm and Pillow, and nothing of Needle, which has written it.
"""

import argparse
import csv
import json
import os
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import timm
import torch
import torchvision
from PIL import Image
from safetensors.torch import load_file
from torchvision.transforms.v2 import functional

FORMATS = {  # as Pillow calls them, whatever a file is called, and endings in a folder
    "PNG": [".png"],
    "JPEG": [".jpg", ".jpeg", ".jpe", ".jfif"],
    "GIF": [".gif"],
    "BMP": [".bmp"],
    "TIFF": [".tif", ".tiff"],
    "WEBP": [".webp"],
    "PPM": [".ppm", ".pgm", ".pbm", ".pnm"],
}
ENDINGS = [ending for endings in FORMATS.values() for ending in endings]
LEFT_BY_PROGRAMS = ("__MACOSX", "@eaDir")
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
AT_ONCE = 32  # pictures


class Member(torch.nn.Module):
    """One model: its network, how it sees a picture, and its share of the answer.

    Parameters
    ----------
    folder : path
        With ``config.json`` and ``model.safetensors``.
    preprocessing : dict
        ``input_size``, ``interpolation``, ``crop_pct``, ``crop_mode``, ``mean`` and ``std``, as in
        timm.
    weight : float
    """

    def __init__(self, folder, preprocessing, weight):
        super().__init__()
        config = json.loads(Path(folder, "config.json").read_text("utf-8"))
        library, _, name = config["architecture"].rpartition(":")
        create = torchvision.models.get_model if library else timm.create_model
        arguments = config["model_args"] | {"num_classes": config["num_classes"]}
        self.network = create(name, **arguments)
        self.network.load_state_dict(load_file(Path(folder, "model.safetensors")))
        self.network.to(memory_format=torch.channels_last)
        self.folder = Path(folder)
        self.preprocessing = preprocessing
        self.weight = weight
        for name in ("mean", "std"):
            values = torch.tensor(preprocessing[name]) * 255
            self.register_buffer(name, values.view(3, 1, 1), persistent=False)
        self.eval()

    def square(self, picture):
        """Cut out of a picture, uint8 (3, H, W), the square that the network sees."""
        size = self.preprocessing["input_size"][-1]
        side = int(size / self.preprocessing["crop_pct"])
        larger = functional.resize(
            picture,
            [side, side] if self.preprocessing["crop_mode"] == "squash" else [side],
            functional.InterpolationMode(self.preprocessing["interpolation"]),
            antialias=True,
        )
        return functional.center_crop(larger, [size, size])

    def forward(self, squares):
        """Compute logits (N, C) of squares, uint8 (N, 3, size, size)."""
        images = (squares.float() - self.mean) / self.std
        return self.network(images.contiguous(memory_format=torch.channels_last))


class Answer:
    """The models of a folder, and what they say of pictures together.

    Parameters
    ----------
    folder : path
        With ``answer.json``.
    device : torch.device or str, optional

    Attributes
    ----------
    classes : list of str
    members : list of Member
    """

    def __init__(self, folder, device="cpu"):
        about = json.loads(Path(folder, "answer.json").read_text("utf-8"))
        self.classes = about["classes"]
        self.temperature = about["temperature"]
        self.reduced = about["pictures"]
        self.device = device
        self.members = [
            Member(Path(folder, member["folder"]), member["preprocessing"], member["weight"])
            .to(device) for member in about["members"]
        ]  # fmt: skip

    def squares(self, path):
        """Read a picture file: a list of what each member sees of it, uint8 (3, size, size).

        Raises
        ------
        Exception
            Whatever Pillow raises where no picture can be made of the file.
        """
        pixels = np.array(reduce(read(path), **self.reduced))
        picture = torch.from_numpy(pixels).permute(2, 0, 1)
        return [member.square(picture) for member in self.members]

    @torch.inference_mode()
    def probabilities(self, squares):
        """Compute the calibrated probabilities of the classes.

        Parameters
        ----------
        squares : list
            For each picture what `squares` has read.

        Returns
        -------
        numpy.ndarray of float64, shape (N, C)
            ``softmax(log(mean) / temperature)`` of the weighted mean of the members' probabilities.
        """
        shares = []
        for member, seen in zip(self.members, zip(*squares, strict=True), strict=True):
            logits = member(torch.stack(seen).to(self.device)).double()
            shares.append(logits.log_softmax(dim=1) + np.log(member.weight))
        mean = torch.stack(shares).logsumexp(dim=0)
        return (mean / self.temperature).softmax(dim=1).cpu().numpy()

    def predict(self, paths):
        """Compute the probabilities (N, C) of the classes for picture files."""
        return self.probabilities([self.squares(path) for path in paths])


def read(path):
    """Read a picture as the test pictures were read: a PIL.Image.Image in RGB.

    Upright by its EXIF, what is transparent on white, grey of 16 bits in 8, of an animation the
    first frame.
    """
    if not os.path.isfile(path):  # to open a pipe would wait
        raise FileNotFoundError("no file")
    with open(path, "rb") as file:
        picture = Image.open(file, formats=list(FORMATS))
        if picture.mode.startswith("F"):
            raise ValueError("floating point pixels; save it with 8 or 16 bits per channel")
        picture.load()
    turn = _turn(picture)
    if turn is not None:
        picture = picture.transpose(turn)
    if picture.mode.startswith("I"):
        picture = _in_8_bits(np.asarray(picture))
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        white = Image.new("RGB", picture.size, "white")
        white.paste(picture, mask=picture)
        return white
    return picture.convert("RGB")


def _turn(picture):
    try:
        return UPRIGHT.get(picture.getexif().get(0x0112))
    except Exception:  # damaged EXIF is no reason to lose the picture
        return None


def _in_8_bits(values):
    if values.min() < 0 or values.max() > 65535:
        raise ValueError("grey values of more than 16 bits; save it with 8 or 16")
    return Image.fromarray(((values.astype(np.uint32) + 128) // 257).astype(np.uint8))


def reduce(picture, square=None, shorter_side=None):
    """Resize a PIL.Image.Image as those were that the models learned from, before they saw them.

    Squeezed into a square of that side, or so that the shorter side has no more than these pixels.
    """
    if square:
        return picture.resize((square, square), Image.Resampling.BILINEAR)
    shorter = min(picture.size)
    if shorter_side is None or shorter <= shorter_side:
        return picture
    sides = (max(round(length * shorter_side / shorter), 1) for length in picture.size)
    return picture.resize(tuple(sides), Image.Resampling.BICUBIC)


def pictures_in(folder):
    """List the pictures in a folder and those in it, by their endings, but for what is hidden.

    Paths are relative to it, with ``/``. One of the folders that cannot be read is an OSError.
    """

    def stop(error):
        raise error

    found = []
    for here, folders, files in os.walk(folder, onerror=stop):
        folders[:] = sorted(name for name in folders if not _hidden(name))
        found += [
            os.path.relpath(os.path.join(here, name), folder).replace(os.sep, "/")
            for name in sorted(files)
            if not _hidden(name) and os.path.splitext(name)[1].lower() in ENDINGS
        ]
    return found


def _hidden(name):
    return name.startswith(".") or name in LEFT_BY_PROGRAMS


def predictions(answer, folder, paths):
    """Predict the pictures in a folder, whose paths are relative to it, some at a time.

    Yields
    ------
    tuple
        A path; the probabilities of the classes, an array of float64, or None if the picture
        cannot be read; and why.
    """

    def read_one(path):
        try:
            return answer.squares(os.path.join(folder, path)), ""
        except Exception as error:  # what Pillow may raise on damaged files has no common class
            return None, str(error)

    with ThreadPoolExecutor() as pool:
        for start in range(0, len(paths), AT_ONCE):
            some = paths[start : start + AT_ONCE]
            seen = list(pool.map(read_one, some))
            known = [squares for squares, _ in seen if squares]
            said = iter(answer.probabilities(known) if known else [])
            for path, (squares, reason) in zip(some, seen, strict=True):
                yield path, next(said) if squares else None, reason


def main():
    """Write the table to the standard output, and what cannot be read to that of errors."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pictures", help="a folder of pictures, or one picture")
    parser.add_argument("--all", action="store_true", help="add the probability of every class")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    args = parser.parse_args()
    warnings.filterwarnings("ignore", module=r"PIL\.")
    for stream in (sys.stdout, sys.stderr):  # whatever the locale; names need not be valid
        stream.reconfigure(encoding="utf-8", errors="surrogateescape")
    folder, paths = "", [args.pictures]
    if os.path.isdir(args.pictures):
        try:
            folder, paths = args.pictures, pictures_in(args.pictures)
        except OSError as error:
            parser.error(f"{error.filename}: {error.strerror}")
    if not paths:
        parser.error(f"{args.pictures}: no pictures in it ({' '.join(ENDINGS)})")
    answer = Answer(Path(__file__).resolve().parent, args.device)
    classes = answer.classes if args.all else []
    writer = csv.writer(sys.stdout, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow(["path", "predicted", "confidence", *classes])
    whole = True
    for path, said, reason in predictions(answer, folder, paths):
        row = [None] * (2 + len(classes))
        if said is None:
            whole = False
            print(f"{path}: cannot be read: {reason}", file=sys.stderr)
        else:
            row = [answer.classes[said.argmax()], float(said.max()), *said[: len(classes)].tolist()]
        writer.writerow([path, *row])
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
