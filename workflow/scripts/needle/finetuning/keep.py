"""What the labels of a task depend on, and which augmentation would change it."""

# By word of `keep` on a task's card; docs/add-a-task.md says what each means.
FORBIDS = {
    "position": {"crop", "flip"},
    "orientation": {"flip"},
    "letters": {"flip"},
    "counting": {"crop"},
    "colour": {"colour"},
}


def allowed(augment, keep):
    """Leave out of an augmentation what a task forbids.

    Parameters
    ----------
    augment : dict
        The protocol's ``augment``: ``crop``, ``flip``, ``colour``.
    keep : sequence of str
        Words of `FORBIDS`: what must stay as it is.

    Returns
    -------
    dict
        What is to be done; empty if nothing is.

    Examples
    --------
    >>> allowed({"crop": 0.6, "flip": True, "colour": 0.2}, ["letters"])
    {'crop': 0.6, 'colour': 0.2}
    """
    forbidden = set().union(*(FORBIDS[word] for word in keep))
    return {name: value for name, value in augment.items() if value and name not in forbidden}
