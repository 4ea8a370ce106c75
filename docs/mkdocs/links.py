"""Pages of the site that lie beside docs/, and the links to and from them.

Files link to each other by where they lie in the repository, as a code host shows them:
``../config/README.md`` from docs/, ``../docs/zoo.md`` from config/. mkdocs knows docs/ alone, so
this hook of mkdocs.yml lends it the other files and bends the links to them.
"""

import re
from pathlib import Path
from posixpath import dirname, join, normpath, relpath

from mkdocs.structure.files import File

PAGES = {  # in the repository: on the site
    "CHANGELOG.md": "changes.md",
    "CONTRIBUTING.md": "contributing.md",
    "benchmarks/README.md": "benchmarks.md",
    "config/README.md": "configuration.md",
    "resources/published/README.md": "published-scores.md",
}
LINK = re.compile(r"\]\(([^)#:]+)")


def on_files(files, config):
    """Add the pages."""
    root = Path(config.config_file_path).parent
    for path, name in PAGES.items():
        files.append(File.generated(config, name, abs_src_path=str(root / path)))
    return files


def on_page_markdown(markdown, page, config, files):
    """Point the links of a page at other pages; one to anything else stays, for mkdocs to judge."""
    name = page.file.src_uri
    path = next((path for path, other in PAGES.items() if other == name), f"docs/{name}")

    def bent(link):
        target = normpath(join(dirname(path), link[1]))
        target = PAGES.get(target, target.removeprefix("docs/"))
        known = files.get_file_from_path(target)
        return f"]({relpath(target, dirname(name) or '.')}" if known else link[0]

    return LINK.sub(bent, markdown)
