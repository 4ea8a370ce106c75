"""Which models and tasks of an entry are those of a run: by their content, or else by name."""

WEIGHTS, NAME = "weights", "name"  # how a model was found


def same_as(ours, theirs):
    """Find what is the same in an entry and in a run.

    Parameters
    ----------
    ours : dict of str to str or None
        Hashes by name, of a run; None where it is not known.
    theirs : dict of str to str or None
        Likewise, of an entry.

    Returns
    -------
    dict of str to tuple of str
        By name of the entry: the run's name, and `WEIGHTS` where the hashes are the same, else
        `NAME`. What has the same content as several gets the first; a name that another of the
        entry has by its content is not found by name.

    Examples
    --------
    >>> same_as({"a": "1", "b": None}, {"x": "1", "a": "2", "b": "3"})
    {'x': ('a', 'weights'), 'b': ('b', 'name')}
    """
    names = {}
    for name, digest in ours.items():
        if digest:
            names.setdefault(digest, name)
    found, taken = {}, set()
    for name, digest in theirs.items():
        if digest in names and names[digest] not in taken:
            found[name] = names[digest], WEIGHTS
            taken.add(names[digest])
    for name in theirs:
        if name in ours and name not in found and name not in taken:
            found[name] = name, NAME
    return found


def hashes(cards):
    """The hashes of cards, by name."""
    return {name: card["sha256"] for name, card in cards.items()}
