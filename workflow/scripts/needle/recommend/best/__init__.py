"""What lies in ``best/``: the answer of a recommendation, of use without Needle.

`export` writes the folder: members by `members`, which timm or torchvision loads, `predict`, a
program that is copied into it as it stands, and a README. `onnx_file` adds ``model.onnx``.

Begin with `export(folder, members, temperature, task, about)`.
"""
