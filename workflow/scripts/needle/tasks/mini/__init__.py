"""Pictures for the embedded benchmark: upstream domains and downstream tasks.

Everything is 32 x 32 RGB, made with numpy from a name and a seed, and nothing is downloaded:
pictures, digits and fonts are those that ship inside scikit-image, scikit-learn and matplotlib.
"""
