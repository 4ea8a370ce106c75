"""What a run is, from its checked config: its kind, models, tasks and proxies."""

import re
import unicodedata
from dataclasses import dataclass, field, replace
from pathlib import Path

from needle.base.errors import NeedleError
from needle.base.schema import check
from needle.embedding.feature_files import feature_models
from needle.finetuning.partial import partial_steps
from needle.finetuning.protocols import check_protocol
from needle.models.inputs import check_inputs
from needle.proxies.rows import check_names
from needle.recommend.admission import left_out, nobody_left
from needle.recommend.auto import AUTO
from needle.run.config import (
    check_deltas,
    check_group,
    check_measured,
    check_shown,
    check_time,
    choose_sources,
    read_cards,
)
from needle.run.features import check_features
from needle.run.further_protocols import read_protocols
from needle.run.protocol_files import PROTOCOLS
from needle.run.rounds import rounds_of
from needle.run.stores import check_former_key, check_probe
from needle.scores.columns import DATA
from needle.scores.finished import read_model_file, read_score_file, read_task_file
from needle.scores.known import is_proxy
from needle.scores.protocols import protocols_of
from needle.strategies.pools import check_pools
from needle.strategies.registry import RANDOM, practical, strategies
from needle.tasks.own.listing import data_kind

DEMO = Path("resources/demo")  # bundled tasks as folders of images, drawn when asked for


@dataclass(frozen=True)
class Run:
    """A run, before any work.

    Attributes
    ----------
    name : str
        Of its folder under results/.
    kind : {"benchmark", "finished", "images", "features"}
        The last two recommend a model: for images of the user's own, or from embeddings of them.
    proxies : list of str
    models : dict of str to dict
        Cards by name, in declared order.
    zoo : dict
        What the file of cards says of all models.
    tasks : dict of str to dict
        Cards by name.
    source : dict
        What the file of task cards says of all tasks.
    sources : dict of str to str
        Where each task comes from.
    left_out : dict of str to dict
        Cards of the models that may not be recommended, with the reason in ``left_out``.
    unavailable : {"stop", "leave_out"}
        What becomes of a model whose weights cannot be had.
    protocols : dict of str to dict
        Of fine-tuning, by name, beside the run's own; of a finished run nothing but their names.
    rounds : list of int
        Pictures with which models are embedded before all of them, see `rounds.rounds_of`.
    """

    name: str
    kind: str
    proxies: list
    models: dict
    zoo: dict = field(default_factory=dict)
    tasks: dict = field(default_factory=dict)
    source: dict = field(default_factory=dict)
    sources: dict = field(default_factory=dict)
    left_out: dict = field(default_factory=dict)
    unavailable: str = "stop"
    protocols: dict = field(default_factory=dict)
    rounds: list = field(default_factory=list)


def read_run(config, schemas):
    """Read what a config names, and check all that can be known before any work.

    Parameters
    ----------
    config : dict
    schemas : dict of str to dict
        JSON schemas of ``config``, ``zoo`` and ``tasks``.

    Returns
    -------
    Run

    Raises
    ------
    NeedleError
    """
    check_former_key(config)
    check(config, schemas["config"], "config")
    _check_pixels(config)
    check_names(config.get("proxies", {}))
    if "data" in config:
        run = _recommendation(config, schemas)
        _check_protocols(config, run)
        check_features(config, run)
        return run
    run = _finished(config) if "scores_file" in config else _benchmark(config, schemas)
    _check_protocols(config, run)
    check_features(config, run)
    check_pools(config["pools"], run.models)
    names = [*strategies(run.proxies), RANDOM]
    check_deltas(config["deltas"], names)
    check_shown(config.get("shown", []), names)
    check_probe(config, run)
    return run


def _check_pixels(config):
    """Refuse a limit on each model's own size where all models have another."""
    for key in PROTOCOLS.values():
        if "image_size" in config and "pixels" in config.get(key, {}):
            raise NeedleError(
                f"config: {key}.pixels: image_size says the size for all models; remove one of them"
            )


def _check_protocols(config, run):
    """Check the protocols of a run against each other's keys and the models that they are for."""
    cards = [] if run.kind == "features" else run.models.values()  # embeddings are not fine-tuned
    for key in PROTOCOLS.values():
        if key in config:
            check_protocol(config[key], key, cards)
    for name, protocol in run.protocols.items():
        if protocol:  # of finished scores there is but the name
            check_protocol(protocol, f"protocols.{name}", cards)


def _finished(config):
    fixed = {*strategies([]), RANDOM}
    rows = read_score_file(config["scores_file"], config.get("unit", "fraction"), fixed)
    names = {column: list(dict.fromkeys(row[column] for row in rows)) for column in rows[0]}
    read_task_file(config.get("tasks_file"), names["task"])
    models = read_model_file(config.get("models_file"), names["model"])
    proxies = [score for score in names["score"] if is_proxy(score)]
    further = {name: {} for name in protocols_of(names["score"])[1:]}
    return Run(config["run"], "finished", proxies, models, protocols=further)


def _benchmark(config, schemas):
    partial_steps(config["finetune"])  # which checks them
    zoo, models = _models(config, schemas)
    paths, repeats = config.get("protocols", []), config["finetune"]["repeats"]
    protocols = read_protocols(paths, schemas["config"], repeats)
    source, tasks = read_cards(config["task_cards"], schemas["tasks"], "tasks", config.get("tasks"))
    return Run(
        config["run"],
        "benchmark",
        list(config["proxies"]),
        models,
        zoo=zoo,
        tasks=tasks,
        source=source,
        sources=choose_sources((source, tasks), config),
        unavailable=_unavailable(zoo, config, "stop"),
        protocols=protocols,
    )


def _recommendation(config, schemas):
    path, proxies = config["data"], list(config["proxies"])
    for key in PROTOCOLS.values():
        if "partial" in config.get(key, {}):
            raise NeedleError(
                f"config: {key}.partial: a recommendation fine-tunes its picks to the end only; "
                "remove it"
            )
    allowed = practical(proxies)
    if config["strategy"] not in (AUTO, *allowed):
        raise NeedleError(
            f"config: strategy: no strategy {config['strategy']!r}; allowed: "
            f"{', '.join([AUTO, *allowed])}"
        )
    if (
        config["strategy"] != AUTO
        and allowed[config["strategy"]].learns
        and not config.get("store")
    ):
        raise NeedleError(
            f"config: strategy: {config['strategy']} learns from results on other tasks; name a "
            "store that has some, such as `store: [store]`"
        )
    kind = "images" if Path(path).parent == DEMO else data_kind(path)
    check_group(config.get("group"), kind)
    check_time(config, kind)
    if "label" in config and kind != "images":
        raise NeedleError("config: label: embeddings have their labels in `labels`; remove it")
    if kind == "images":
        zoo, cards = _models(config, schemas)
        if "image_size" not in config:
            for card in cards.values():
                check_inputs(card)
    else:
        zoo = {}
        check_measured(config.get("where", {}))
        rows = read_model_file(config.get("models_file"), list(feature_models(path)))
        cards = {name: row | {"name": name} for name, row in rows.items()}
    models, barred = _admit(cards, config)
    run = Run(
        config.get("run", run_name(path)),
        kind,
        proxies,
        models,
        zoo=zoo,
        tasks={DATA: {"name": DATA, "label": Path(path).stem, "group": ""}},
        source={"source": "mydata", "seed": config["seed"]},
        sources={DATA: "mydata"},
        left_out=barred,
        unavailable=_unavailable(zoo, config, "leave_out") if zoo else "stop",
    )
    check_probe(config, run)
    return replace(run, rounds=rounds_of(config, run))


def _unavailable(zoo, config, default):
    """What becomes of a model whose weights cannot be had; models that are trained have them."""
    return "stop" if "upstream" in zoo else config.get("unavailable", default)


def _models(config, schemas):
    return read_cards(config["model_cards"], schemas["zoo"], "models", config.get("models"))


def _admit(cards, config):
    """Part the models that may take part from the others, as far as their cards can tell."""
    seen = config.get("seen", [])
    _check_seen(seen, cards)
    reasons = {
        name: left_out(card | {"model": name}, config.get("where", {}), seen)
        for name, card in cards.items()
    }
    if all(reasons.values()):
        raise nobody_left(reasons)
    admitted = {name: card for name, card in cards.items() if not reasons[name]}
    barred = {name: cards[name] | {"left_out": why} for name, why in reasons.items() if why}
    return admitted, barred


def _check_seen(seen, cards):
    """Find a data set that no card names, which may be one spelt otherwise."""
    known = sorted({task for card in cards.values() for task in card.get("contaminated_tasks", [])})
    for name in seen:
        if name not in known:
            raise NeedleError(
                f"config: seen: no model card says that it has seen {name!r}; "
                f"named there: {', '.join(known) or 'no data set at all'}; correct or remove it"
            )


def run_name(path):
    """Name a run after its data.

    Parameters
    ----------
    path : path

    Returns
    -------
    str
        What the config allows as a name.

    Examples
    --------
    >>> run_name("pictures/Bird café 2"), run_name("写真")
    ('bird-cafe-2', 'mydata')
    """
    plain = unicodedata.normalize("NFKD", Path(path).stem).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9_.-]+", "-", plain.lower()).strip("-._") or "mydata"
