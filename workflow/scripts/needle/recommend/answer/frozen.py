"""Frozen models with the heads that were tuned for them."""

import torch

from needle.base.errors import NeedleError
from needle.base.tensors import open_tensors, read_card
from needle.models.checkpoints import attach_head, load_backbone
from needle.models.views import view_of


def load_frozen(checkpoint, head, task):
    """Give a checkpoint the head that was tuned on its embeddings.

    Parameters
    ----------
    checkpoint, head : path
    task : Task
        What they were embeddings of.

    Returns
    -------
    tuple of torch.nn.Module and dict
        As `load_finetuned` gives them.

    Raises
    ------
    NeedleError
        If the head is of another model, or for features of another width.
    """
    model, card = load_backbone(checkpoint)
    with open_tensors(head, framework="pt") as file:
        weight, bias = file.get_tensor("weight"), file.get_tensor("bias")
    wanted = attach_head(model, task.classes).get_classifier()
    tuned_for = read_card(head)["model"]
    if tuned_for != card["name"] or weight.shape != wanted.weight.shape:
        raise NeedleError(
            f"{head}: is a head of {tuned_for} for {weight.shape[1]} features and {len(weight)} "
            f"classes, not of {card['name']}; delete it and run again"
        )
    with torch.no_grad():
        wanted.weight.copy_(weight)
        wanted.bias.copy_(bias)
    preprocessing = view_of(task, card).preprocessing()
    return model.eval(), card | {"classes": task.card["classes"], "preprocessing": preprocessing}
