"""Protocols of fine-tuning: a run has its own, and may have others whose scores stand beside it.

The score ``finetune`` is what the run's own protocol has reached, ``finetune-modern`` what the
protocol ``modern`` has. Only `under` makes another protocol's accuracies those of a run.
"""

import re

from needle.finetuning.partial import is_partial

FINETUNE = "finetune"
OWN = "own"  # the protocol of FINETUNE, in tables
NAMES = f"lower-case letters, digits, dots, dashes and underscores, and not {OWN}"
_OTHER = f"{FINETUNE}-"


def is_finetune(score):
    """Tell whether a score is the accuracy after fine-tuning, under whichever protocol.

    Examples
    --------
    >>> is_finetune("finetune"), is_finetune("finetune-modern"), is_finetune("linear")
    (True, True, False)
    """
    return score == FINETUNE or score.startswith(_OTHER)


def score_of(protocol):
    """Name the score of a protocol.

    Examples
    --------
    >>> score_of("own"), score_of("modern")
    ('finetune', 'finetune-modern')
    """
    return FINETUNE if protocol == OWN else f"{_OTHER}{protocol}"


def is_name(protocol):
    """Tell whether a protocol beside the run's own may be called so: `NAMES`.

    Examples
    --------
    >>> is_name("modern"), is_name("own"), is_name("A b")
    (True, False, False)
    """
    return protocol != OWN and bool(re.fullmatch(r"[a-z0-9][a-z0-9_.-]*", protocol))


def protocols_of(scores):
    """List the protocols that names of scores tell of, the run's own first.

    Examples
    --------
    >>> protocols_of(["finetune-modern", "finetune", "knn"])
    ['own', 'modern']
    """
    return [OWN, *(score.removeprefix(_OTHER) for score in scores if score.startswith(_OTHER))]


def under(scores, protocol):
    """Take the scores as a run would have them whose own protocol is this one.

    Parameters
    ----------
    scores : DataFrame
        Columns of scores.csv.
    protocol : str

    Returns
    -------
    DataFrame
        The same columns: what fine-tuning has reached under the protocol is ``finetune``, proxies
        are as they were. The scores of partial fine-tuning are of the run's own protocol only.
    """
    mine = score_of(protocol)
    others = {score for score in scores["score"].unique() if is_finetune(score)} - {mine}
    if protocol != OWN:
        others |= set(filter(is_partial, scores["score"].unique()))
    kept = scores[~scores["score"].isin(others)]
    return kept.assign(score=kept["score"].mask(kept["score"] == mine, FINETUNE))
