"""The README of the answer: how to use it, how good it is, and what it is made of."""

from importlib.metadata import version

from needle.base.formats import SPACE
from needle.recommend.measured import in_words

TEXT = """\
# {title}

An image classifier for {classes} classes, chosen by Needle on validation images among models that
learned from the same data.

## Use it

```bash
pip install {packages}
python predict.py pictures/ > predictions.csv
```

`predictions.csv` has a line for each picture in the folder and in those in it: `path`, `predicted`,
`confidence`; `--all` adds the probability of each class. Pictures are read as the test images were:
upright by their EXIF, what is transparent on white, 16-bit grey in 8 bits, of an animation the
first frame. One that cannot be read is named on the terminal, its line has no prediction, and the
program ends with status 1.

From Python:

```python
{code}
```

{confidence}
{libraries}{onnx}
## How good it is

| | |
|---|---|
{measures}
| Measured on | {count:,} images that played no part in training or choice |

In parentheses are {level:g} % intervals.

## What it is made of

| Folder | Weight | Model | Licence | Upstream data | Parameters | Input |
|---|---|---|---|---|---|---|
{members}

Parameters are without the head. Classes are `label_names` in `config.json`, in the order of the
outputs. The licences are those of the models before they learned from your images.
"""
CODE = """\
import sys

folder = {folder!r}  # where this file is
sys.path.insert(0, folder)
from predict import Answer

answer = Answer(folder)
(probabilities,) = answer.predict(["picture.jpg"])
best = probabilities.argmax()
print(answer.classes[best], f"{{probabilities[best]:.1%}}")"""
SHAPES = {"squash": "squeezed into the square", "center": "of which the middle square is taken"}
CONFIDENCE = {
    False: "A confidence is calibrated on validation images: the softmax of the logits divided by "
    "the temperature {temperature:.3g}.",
    True: "A confidence is calibrated on validation images: probabilities of the members are "
    "averaged by their weights, their logarithms divided by the temperature {temperature:.3g}, and "
    "brought to a sum of 1.",
}
IN_TIMM = """\
timm loads {each} by itself, `timm.create_model("local-dir:{folder}", pretrained=True)`, for
training on or for embeddings; it gives logits.
"""
ONNX = """
`model.onnx` beside each model takes `pixels`, uint8 squares (N, 3, {sizes}) in RGB, and gives
`probabilities` ({calibrated}). On the test images none differed from torch by more than
{apart:.1e}.
"""


def readme(folder, answer, cards, count, about, apart=None):
    """Write the README of an answer.

    Parameters
    ----------
    folder : path
        Where it is.
    answer : dict
        Its ``answer.json``.
    cards : list of dict
        Of its members.
    count : int
        Number of test images.
    about : dict
        ``measures`` on test as rows of measures.csv, ``level`` of the intervals.
    apart : float, optional
        The largest difference of ONNX; if not given there is none.

    Returns
    -------
    str
        Markdown with one block of Python.
    """
    words = [[text.replace(SPACE, " ") for text in in_words(row)] for row in about["measures"]]
    several = len(cards) > 1
    rows = [_row(*pair) for pair in zip(answer["members"], cards, strict=True)]
    return TEXT.format(
        title=_title(cards, answer["label"]),
        classes=len(answer["classes"]),
        packages=f"torch torchvision 'timm>={version('timm')}' pillow",
        code=CODE.format(folder=str(folder)),
        confidence=CONFIDENCE[several].format(temperature=answer["temperature"]),
        libraries=_libraries(folder, cards),
        onnx="" if apart is None else _onnx(cards, apart),
        measures="\n".join(f"| Test {name} | {text} |" for name, text in words),
        count=count,
        level=100 * about["level"],
        members="\n".join(f"| {' | '.join(row)} |" for row in rows),
    )


def _title(cards, label):
    if len(cards) > 1:
        return f"{label}: an ensemble of {len(cards)} models"
    (card,) = cards
    return f"{card['name']}, {_trained(card)} on {label}"


def _trained(card):
    """Say how a model has learned."""
    if "soup" in card:
        return f"a soup of {len(card['soup'])} models fine-tuned"
    return "fine-tuned" if "run" in card else "frozen, with a head tuned"


def _row(member, card):
    size = card["preprocessing"]["input_size"][-1]
    return (
        f"`{member['folder']}`",
        f"{member['weight']:.3g}",
        f"{card['name']} ({card['architecture']}), {_trained(card)}",
        card["license"],
        card.get("upstream_dataset") or "unknown",
        f"{card['params']:,}",
        f"{size} x {size} pixels, RGB; a picture of any shape, "
        f"{SHAPES[card['preprocessing']['crop_mode']]}",
    )


def _libraries(folder, cards):
    if any(":" in card["architecture"] for card in cards):
        return ""
    several = len(cards) > 1
    place = f"{folder}/members/1" if several else folder
    return IN_TIMM.format(each="each of them" if several else "the model", folder=place)


def _onnx(cards, apart):
    sides = sorted({card["preprocessing"]["input_size"][-1] for card in cards})
    calibrated = "calibrated" if len(cards) == 1 else "to be averaged and calibrated as above"
    return ONNX.format(
        sizes=" or ".join(f"{side}, {side}" for side in sides), calibrated=calibrated, apart=apart
    )
