"""What a config reads of frozen models, and what that allows."""

from needle.base.errors import NeedleError
from needle.proxies.registry import judged_on_train


def check_features(config, run):
    """Refuse what does not go with the features that a config asks for.

    Parameters
    ----------
    config : dict
        Its ``embedding.features``.
    run : Run

    Raises
    ------
    NeedleError
    """
    features = config.get("embedding", {}).get("features", "last")
    if features == "last":
        return
    if run.kind == "features":
        _refuse("your embeddings are used as they are; remove it")
    if "task_embedding" in config:
        _refuse(
            "task_embedding reads the last layer's features of its probe network; remove "
            "task_embedding, or set features to last"
        )
    if features == "attentive":
        _check_attentive(run, config["proxies"])


def _check_attentive(run, settings):
    optimistic = judged_on_train(run.proxies)
    if settings.get("knn", {}).get("leave_one_out"):
        optimistic.append("knn with leave_one_out")
    if optimistic:
        _refuse(
            "attentive features have learned the labels of train, which would make the scores of "
            f"{', '.join(optimistic)} too good; remove these from proxies, or set features to last"
        )
    without = [name for name, card in run.models.items() if _is_torchvision(card)]
    if without:
        _refuse(
            f"attentive reads tokens, which the models of torchvision ({', '.join(without)}) do "
            "not give; leave them out of models, or set features to last"
        )


def _is_torchvision(card):
    return card["architecture"].startswith("torchvision:")


def _refuse(reason):
    raise NeedleError(f"config: embedding.features: {reason}")
