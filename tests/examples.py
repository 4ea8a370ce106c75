"""Small score tables that several tests work by hand."""

# Three models, two tasks. By linear score: b > a > c on t1, c > a = b on t2.
POINTS = {
    ("t1", "a"): {"finetune": 0.80, "linear": 0.60, "knn": 0.50},
    ("t1", "b"): {"finetune": 0.70, "linear": 0.70, "knn": 0.40},
    ("t1", "c"): {"finetune": 0.90, "linear": 0.50, "knn": 0.30},
    ("t2", "a"): {"finetune": 0.60, "linear": 0.50, "knn": 0.20},
    ("t2", "b"): {"finetune": 0.50, "linear": 0.50, "knn": 0.30},
    ("t2", "c"): {"finetune": 0.40, "linear": 0.90, "knn": 0.30},
}
MEMBERS = {"all": ["a", "b", "c"], "ab": ["a", "b"]}


def one(table, **where):
    """The one row of a table in which columns have these values."""
    for column, value in where.items():
        table = table[table[column] == value]
    assert len(table) == 1
    return table.iloc[0]
