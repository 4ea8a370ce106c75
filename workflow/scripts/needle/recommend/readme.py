"""The README of the chosen model: what it is, and the code to use it."""

from importlib.metadata import version

from needle.recommend.formats import SPACE
from needle.recommend.measured import in_words

TEXT = """\
# {name}, fine-tuned on {label}

An image classifier for {classes} classes, chosen by Needle on validation images among models that
were fine-tuned on the same data.

| | |
|---|---|
{measures}
| Measured on | {count:,} images that played no part in training or choice |
| Fine-tuned from | {name} ({architecture}) |
| Licence of that model | {license} |
| Upstream data | {upstream} |
| Parameters | {params:,} and a head for {classes} classes |
| Input | {size} x {size} pixels, RGB |
| Classes | `label_names` in `config.json`, in the order of the outputs |

In parentheses are {level:g} % intervals.

## Use it

{setup}

```python
{code}
```

{shape}, as in training. `read` makes of a file what was
made of the test images: upright by its EXIF, what is transparent on white, 16-bit grey in 8 bits.
"""

SHAPES = {
    "squash": "A picture of any shape is squeezed into the square",
    "center": "Of a picture of any shape the middle square is taken",
}
TIMM_SETUP = "With `pip install 'timm>={version}'`; `config.json` holds the preprocessing:"
TIMM_CODE = """\
import numpy as np
import timm
import torch
from PIL import Image, ImageOps

folder = {folder!r}  # where this file is
model = timm.create_model(f"local-dir:{{folder}}", pretrained=True).eval()
preprocess = timm.data.create_transform(**timm.data.resolve_model_data_config(model))
names = model.pretrained_cfg["label_names"]
"""
NEEDLE_SETUP = """\
timm does not have this architecture, so Needle builds it; run this in Needle's folder and its
environment:"""
NEEDLE_CODE = """\
import json
import sys

import numpy as np
import timm
import torch
from PIL import Image, ImageOps
from safetensors.torch import load_file

sys.path.insert(0, "workflow/scripts")
from needle.models.backbones import build

folder = {folder!r}  # where this file is
config = json.load(open(f"{{folder}}/config.json", encoding="utf-8"))
model = build(config["model_card"], config["num_classes"]).eval()
model.load_state_dict(load_file(f"{{folder}}/model.safetensors"))
preprocess = timm.data.create_transform(
    **timm.data.resolve_data_config(pretrained_cfg=config["pretrained_cfg"])
)
names = config["label_names"]
"""
PREDICT = """

def read(path):
    picture = ImageOps.exif_transpose(Image.open(path))
    if picture.mode.startswith("I"):  # 16 bits
        values = np.asarray(picture).astype(np.uint32)
        return Image.fromarray(((values + 128) // 257).astype(np.uint8)).convert("RGB")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        white = Image.new("RGB", picture.size, "white")
        white.paste(picture, mask=picture)
        return white
    return picture.convert("RGB")


picture = read("picture.jpg")
with torch.inference_mode():
    confidences = model(preprocess(picture)[None])[0].softmax(dim=0)
best = confidences.argmax()
print(names[best], f"{confidences[best]:.1%}")"""


def readme(folder, card, accuracy, in_timm):
    """Write the README of a model.

    Parameters
    ----------
    folder : path
        Where the model is.
    card : dict
        Its card, with classes and preprocessing.
    accuracy : dict
        ``label`` of the data, ``count`` of test images, ``measures`` on them as rows of
        measures.csv, ``level`` of the intervals.
    in_timm : bool
        Whether timm loads it.

    Returns
    -------
    str
        Markdown with one block of Python.
    """
    words = [[text.replace(SPACE, " ") for text in in_words(row)] for row in accuracy["measures"]]
    setup, code = (TIMM_SETUP, TIMM_CODE) if in_timm else (NEEDLE_SETUP, NEEDLE_CODE)
    return TEXT.format(
        name=card["name"],
        label=accuracy["label"],
        classes=len(card["classes"]),
        measures="\n".join(f"| Test {name} | {text} |" for name, text in words),
        level=100 * accuracy["level"],
        count=accuracy["count"],
        architecture=card["architecture"],
        license=card["license"],
        upstream=card.get("upstream_dataset") or "unknown",
        params=card["params"],
        size=card["preprocessing"]["input_size"][-1],
        shape=SHAPES[card["preprocessing"]["crop_mode"]],
        setup=setup.format(version=version("timm")),
        code=code.format(folder=str(folder)) + PREDICT,
    )
