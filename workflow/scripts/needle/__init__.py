"""Needle: which pre-trained model should I fine-tune?

The library of the programs in workflow/scripts. A module imports only from the floors below it:

    figures                             draw tables
    analysis                            strategies, regret, intervals: pure functions on tables
    scores                              the score table
    probes, finetune                    proxies and fine-tuning of one (model, task)
    embed
    zoo, tasks, render                  checkpoints, task files, the pictures of `mini`
    config, files, seeds, sgd, ...      schemas, formats, what the floors share
"""
