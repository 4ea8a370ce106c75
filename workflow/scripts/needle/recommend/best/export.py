"""The answer of a recommendation as a folder that needs no Needle."""

import json
import shutil

from needle.base.files import temporary_folder
from needle.recommend.best import predict
from needle.recommend.best.members import preprocessing, save_member
from needle.recommend.best.onnx_file import write_onnx
from needle.recommend.best.readme import readme


def export(folder, members, temperature, task, about, onnx=False):
    """Write models, ``answer.json``, ``predict.py`` and ``README.md``.

    The folder is replaced as a whole. One model lies in it, several in ``members/1`` and so on.

    Parameters
    ----------
    folder : path
    members : list of tuple
        Model with its head as `load_finetuned` gives it, its card with ``classes`` and
        ``preprocessing``, and its weight above 0 in the mean of the members' probabilities, of
        sum 1. The card of what was fine-tuned has its ``run``, that of a soup its ``soup``.
    temperature : float
        Of the mean: what is said of a picture is ``softmax(log(mean) / temperature)``, for one
        member ``softmax(logits / temperature)``.
    task : Task
        The data that the members have learned from; its card says how pictures were resized
        before the members saw them.
    about : dict
        For the README: ``measures`` on test as rows of measures.csv, ``level`` of the intervals.
    onnx : bool, optional
        Whether ``model.onnx`` lies beside each model too.

    Raises
    ------
    NeedleError
        If a model cannot be written for ONNX, or says something else there of the test pictures.
    """
    cards = [card for _, card, _ in members]
    places = ["."] if len(members) == 1 else [f"members/{n + 1}" for n in range(len(members))]
    answer = {
        "label": task.card["label"],
        "classes": task.card["classes"],
        "temperature": temperature,
        "pictures": _resized(task.card),
        "members": [
            {"folder": place, "weight": weight, "preprocessing": preprocessing(card)}
            for place, (_, card, weight) in zip(places, members, strict=True)
        ],
    }
    with temporary_folder(folder) as temporary:
        made = temporary / "best"
        for place, (model, card, _) in zip(places, members, strict=True):
            (made / place).mkdir(parents=True)
            save_member(made / place, model, card)
        (made / "answer.json").write_text(json.dumps(answer, indent=2), encoding="utf-8")
        shutil.copyfile(predict.__file__, made / "predict.py")
        apart = write_onnx(made, cards, task) if onnx else None
        text = readme(folder, answer, cards, len(task.labels("test")), about, apart)
        (made / "README.md").write_text(text, encoding="utf-8")
        for file in made.rglob("*"):
            file.chmod(0o755 if file.is_dir() else 0o644)
        shutil.rmtree(folder, ignore_errors=True)
        made.replace(folder)


def _resized(card):
    """Say in the words of ``predict.py`` how the pictures of a task were resized."""
    if card.get("image_size"):
        return {"square": card["image_size"]}
    return {"shorter_side": card["shorter_side"]} if "shorter_side" in card else {}
