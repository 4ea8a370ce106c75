"""Needle: which pre-trained model should I fine-tune?

The library of the programs in workflow/scripts. A module imports only from the floors below it:

    runs                                   what a config asks for, before any work
    recommend                              from proxies to a ranking, a model and a page
    figures, pages, headline, comparison   draw tables
    known, tables                          what is known; picks, regret, what figures draw
    pools, strategies, regret, uncertainty pure functions on score tables: no torch, no files
    scores, score_files, contracts, tidy   the score table, and finished ones that a user brings
    proxies, probes, finetune, fisher      proxies and fine-tuning of one (model, task)
    embed, embeddings, memory, views       what a model sees, and makes of it
    zoo, tasks, vtab, mydata, render       checkpoints, task files, their pictures
    config, files, fetch, resume, gpus ... schemas, formats, downloads, what the floors share
"""
