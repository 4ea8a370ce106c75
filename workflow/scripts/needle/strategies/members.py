"""Which models a pool has."""

from needle.strategies.pools import empty_pool, select


def pool_members(models, pools):
    """List the models of every pool.

    Parameters
    ----------
    models : DataFrame
        As `scores.read_models` gives it.
    pools : dict of str to dict
        The config's pools.

    Returns
    -------
    dict of str to list of str
        In declared order.

    Raises
    ------
    NeedleError
        For a pool that selects no model.
    """
    rows = models.to_dict("index")
    members = {pool: select(rows, declared["where"]) for pool, declared in pools.items()}
    for pool, chosen in members.items():
        if not chosen:
            raise empty_pool(pool, pools[pool]["where"])
    return members
