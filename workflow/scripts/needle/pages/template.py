"""Pages from the templates in workflow/report, which need nothing else: no network, no script."""

import base64
from pathlib import Path

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from needle.base import formats
from needle.strategies.labels import strategy_label

FOLDER = Path(__file__).parents[3] / "report"


def render(template, content, **filters):
    """Fill a template.

    Parameters
    ----------
    template : str
        Name of a file in workflow/report.
    content : dict
        By the names that the template uses; one that is missing is an error.
    **filters : callable
        What the template calls besides `formats` and `strategy_label`.

    Returns
    -------
    str
        HTML, in which all text of the content is escaped.
    """
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for function in (formats.percent, formats.interval, formats.measured_value, formats.plain,
                     formats.count, formats.parameters, formats.duration, formats.rough,
                     formats.names, strategy_label):  # fmt: skip
        environment.filters[function.__name__] = function
    environment.filters |= filters
    return environment.get_template(template).render(content)


def data_uri(kind, content):
    """Make the URI that holds a file's bytes itself.

    Examples
    --------
    >>> data_uri("text/plain", b"needle")
    'data:text/plain;base64,bmVlZGxl'
    """
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def yaml_text(configuration):
    """Write a config as the YAML that repeats its run."""
    return yaml.safe_dump(configuration, sort_keys=False, allow_unicode=True)
