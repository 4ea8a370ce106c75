"""The page of the models of a run."""

import pandas as pd

from needle.pages.page import formatted, page, table_part


def models_page(models, members, labels):
    """Lay out what is known of the models (the paper's tables 1 to 3).

    Parameters
    ----------
    models : DataFrame
        As `score_table.read_models` gives it.
    members : dict of str to list of str
        Models of every pool.
    labels : dict of str to str
        What a reader calls each pool.

    Returns
    -------
    str
        A page; what is known of no model has no column.
    """
    table = pd.DataFrame(
        {
            "Model": models["model"],
            "Architecture": formatted(models["architecture"], "{}"),
            "Family": formatted(models["family"], "{}"),
            "Embedding dimension": formatted(models["embedding_dim"], "{:.0f}"),
            "Parameters": formatted(models["params"], "{:,.0f}"),
            "Reference accuracy (%)": formatted(100 * models["reference_accuracy"], "{:.1f}"),
            "Upstream data": formatted(models["upstream_dataset"], "{}"),
            "Tags": models["tags"].map(", ".join),
            "Licence": formatted(models["license"], "{}"),
            "Pools": [
                ", ".join(labels[pool] for pool, names in members.items() if model in names)
                for model in models["model"]
            ],
        }
    )
    known = table.loc[:, (table != "").any()]
    return page("Models of this run", table_part(known, index=False))
