"""What a reader calls a strategy; no plotting library is needed to ask."""

HYBRID = "hybrid-"
LABELS = {
    "task-agnostic": "Task-agnostic",
    "knn": "kNN",
    "linear": "Linear",
    "linear_scaled": "Scaled linear",
    "leep": "LEEP",
    "nce": "NCE",
    "nleep": "N-LEEP",
    "logme": "LogME",
    "h_score": "H-score",
    "h_score_shrunk": "Shrunk H-score",
    "silhouette": "Silhouette",
    "transrate": "TransRate",
    "gbc": "GBC",
    "parc": "PARC",
    "sfda": "SFDA",
    "etran": "ETran",
    "etran_energy": "ETran energy",
    "etran_lda": "ETran LDA",
    "ncti": "NCTI",
    "ncti_ncc": "NCTI nearest centre",
    "ncti_seli": "NCTI SELI",
    "ncti_vc": "NCTI variability collapse",
    "disco_ncc": "DISCO",
    "int": "INT",
    "pactran": "PACTran-Gaussian",
    "lda": "LDA",
    "ridge": "Ridge",
    "halving": "Successive halving",
    "known-average": "Known average",
    "nearest-tasks": "Nearest tasks",
    "task2vec": "Task2Vec",
    "prior": "Prior",
    "portfolio": "Portfolio",
    "size": "Size",
    "oracle-average": "Task-agnostic oracle",
    "random": "Random",
}

# Proxies whose scores are accuracies; those of the others have units of their own.
ACCURACIES = {"knn", "linear", "linear_scaled", "lda", "ridge"}


def strategy_label(strategy):
    """Name a strategy for a reader; an unknown proxy keeps its own name.

    Parameters
    ----------
    strategy : str

    Returns
    -------
    str

    Examples
    --------
    >>> strategy_label("hybrid-knn"), strategy_label("h-score")
    ('Hybrid kNN', 'h-score')
    """
    if strategy.startswith(HYBRID):
        return f"Hybrid {strategy_label(strategy.removeprefix(HYBRID))}"
    return LABELS.get(strategy, strategy)
