"""Which modules of the library a program imports: they are the code inputs of its rule."""

import ast
import hashlib
import os
from functools import cache
from pathlib import Path


def code_files(script, *modules):
    """List a program and the library modules it imports, directly or not.

    Imports inside functions count. Paths come back in the form that `script` has, so that a
    relative path gives relative paths.

    Parameters
    ----------
    script : path
        A program in the folder that holds the package ``needle``.
    *modules : path
        Modules that it imports by name, which cannot be seen, relative to that folder.

    Returns
    -------
    list of str
        The program first, then its modules, sorted.
    """
    script = Path(script)
    found, waiting = set(), [script, *(script.parent / module for module in modules)]
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            waiting.extend(_imported(file, script.parent))
    return [str(script), *sorted(str(file) for file in found - {script})]


def code_stamp(folder, files):
    """Write one small file that stands for many, as an input of each of many thousand jobs.

    Parameters
    ----------
    folder : path
        Made if it is not there.
    files : list of str
        Other files have another stamp.

    Returns
    -------
    str
        The stamp: the checksums of the files, as of the newest of them. While these stay the same
        it is left alone.
    """
    stamp = Path(folder, hashlib.sha256("\n".join(files).encode()).hexdigest()[:16])
    sums = "".join(f"{_checksum(file)}  {file}\n" for file in files)
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != sums:
        stamp.parent.mkdir(parents=True, exist_ok=True)
        temporary = stamp.with_suffix(f".{os.getpid()}")  # on a cluster, every job looks here
        temporary.write_text(sums, encoding="utf-8")
        newest = max((os.stat(file).st_mtime for file in files), default=0)
        os.utime(temporary, (newest, newest))
        temporary.replace(stamp)
    return str(stamp)


@cache
def _checksum(file):
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()


@cache
def _imported(file, root):
    """Find the library files that one file imports, packages' own __init__.py included."""
    names, waiting = set(), [ast.parse(file.read_text(encoding="utf-8"), str(file))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
        # An expression, of which most of a file is made, imports nothing.
        waiting.extend(n for n in ast.iter_child_nodes(node) if not isinstance(n, ast.expr))
    return {found for name in names for found in _files(name, root)}


@cache
def _files(name, root):
    """The library files that an import runs: a module, and the doors above it."""
    parts = name.split(".")
    if parts[0] != "needle":
        return []
    bases = [root.joinpath(*parts[:depth]) for depth in range(1, len(parts) + 1)]
    files = [file for base in bases for file in (base / "__init__.py", base.with_suffix(".py"))]
    return [file for file in files if file.is_file()]
