"""Needle: which pre-trained model should I fine-tune?

The library of the programs in workflow/scripts. Each folder is a room with one word of the paper,
and imports only from the rooms above it in this list (`make lint` holds that):

    base          what all share: errors, files, tables, seeds, schemas, measures
    machine       the device, downloads, jobs left on a cluster
    tasks         task files: mini's pictures, VTAB-1K's, a user's own
    models        cards, published weights, checkpoints, how a model sees a picture
    embedding     what a frozen model makes of a task
    proxies       scores that embeddings give a model, without fine-tuning
    finetuning    what a model really reaches, by training it
    scores        the table of all proxies and accuracies, and what is known from it
    strategies    pools, and which of their models each strategy picks
    store         results of finished runs, kept, and what they say of a pool
    regret        how far the picks are from the best model, and how sure that is
    tables        what the paper's tables and figures show, in numbers
    figures       the figures
    pages         the tables as pages and texts
    recommend     one model for a user's own data
    explorer      the page over a store
    run           what a config asks for, checked before any work

A room's `__init__.py` is its door: what it is for, what it takes and gives, where to begin.
"""
