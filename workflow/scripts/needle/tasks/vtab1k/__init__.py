"""VTAB-1K from the original files of its data sets.

A reader in `readers` knows one data set's archives; `selection` takes 800, 200 and all test
examples in the order of TensorFlow Datasets (`order`), so that they are those of published results.
`registry` finds the reader of a task. `folder` reads the community's folder instead.

Begin with `registry.read_raw(task, root)`, which gives `Examples` by split.
"""
