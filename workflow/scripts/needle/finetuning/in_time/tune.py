"""Fine-tuning in a given time: the runs that halving asks for, each kept as it is done."""

import contextlib
import itertools
import shutil
import signal
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from needle.base.csv_files import write_rows
from needle.base.measures import goodness
from needle.base.seeds import derive_seed
from needle.finetuning.best_weights import KEPT, BestWeights
from needle.finetuning.finetune import finetune, training_view
from needle.finetuning.in_time.halving import Arm, halving
from needle.finetuning.resume import write_runs
from needle.finetuning.soup import finish
from needle.models.checkpoints import load_backbone

GIVEN = "given"  # seconds: the first row of a job's runs
OWN = (
    "model",
    "rung",
    "wanted",
    "predicted",
    "elapsed",
)  # what a row of a job has besides finetune's


class OutOfTimeError(Exception):
    """A run has used all the time that was left."""


@contextlib.contextmanager
def time_limit(seconds):
    """Raise `OutOfTimeError` in the main thread once as many seconds are gone."""

    def stop(*_):
        raise OutOfTimeError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-3))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@dataclass(frozen=True)
class ModelRuns:
    """Those runs of a job that are of one model, for `BestWeights`."""

    model: str
    runs: object

    @property
    def key(self):
        """Of the job."""
        return self.runs.key

    @property
    def rows(self):
        """Finished, in their order; not those that the time has stopped."""
        mine = [row for row in self.runs.rows if row.get("model") == self.model]
        return [row for row in mine if not row["stopped"]]

    def clear(self):
        """Discard the runs of all models: without one, what came after it is of no plan."""
        self.runs.clear()


class Tuning:
    """The job that fine-tunes models of a pool one after the other.

    Parameters
    ----------
    checkpoints : dict of str to path
    protocols : dict of str to dict
        By model.
    task : Task
    seed : int
        The run's master seed.
    device : torch.device
    metric : str
        Of `measures.MEASURES`.
    runs : FinishedRuns
    output : path
        Folder that the job writes; until then weights are kept in one beside it.
    """

    def __init__(self, checkpoints, protocols, task, seed, device, metric, runs, output):
        self.checkpoints, self.protocols, self.task = checkpoints, protocols, task
        self.seed, self.device, self.metric, self.runs = seed, device, metric, runs
        self.output, self.folder = Path(output), Path(f"{output}.weights")
        self.best, self.views, self.ahead = {}, {}, None
        if not runs.rows:  # what is there is of another job
            shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        for model in dict.fromkeys(row["model"] for row in self.rows):
            self._load(model)
        if not runs.rows:  # the weights of one were not there
            self.best.clear()

    @property
    def rows(self):
        """Of the finished runs."""
        return self.runs.rows[1:]

    @property
    def given(self):
        """Seconds that the job had when it first began."""
        return self.runs.rows[0][GIVEN]

    def run(self, wanted):
        """Do one run; it returns the row, which is not on record yet.

        Where it is the next learning rate of the run before, images and head are those of that.
        """
        arm, steps = wanted.arm, wanted.steps
        rates = self.protocols[arm.model]["learning_rates"]
        rates = rates[rates.index(arm.learning_rate) :]
        if self.ahead != (arm.model, steps, rates):
            self.runs_ahead = self._runs(arm.model, {"steps": steps, "learning_rates": rates})
        row = next(self.runs_ahead)
        self.ahead = arm.model, steps, rates[1:]
        return row

    def _runs(self, model, part):
        """Fine-tune a model by a part of its protocol, once each."""
        backbone, card = self._load(model)
        protocol = self.protocols[model] | part | {"repeats": 1}
        found = [row["micro_batch"] for row in ModelRuns(model, self.runs).rows]
        if found and found[-1]:
            protocol["micro_batch"] = found[-1]
        seed = derive_seed(self.seed, "finetune", model, self.task.card["name"], 0)
        keep = self.best[model].keep
        return finetune(
            backbone, card, self.task, protocol, [seed], self.device, keep=keep, metric=self.metric
        )

    def goodness(self, row):
        """Say what a run reached on val: more is better."""
        return goodness(self.metric, row[f"val_{self.metric}"])

    def finish(self, plan):
        """Write the table of each model's runs, its weights, and at last the plan.

        Of the model that is best on val there is a soup too.

        Parameters
        ----------
        plan : list of dict
            As `plan_rows` gives it.
        """
        self.output.mkdir(exist_ok=True)
        ended = [row for row in self.rows if not (row["diverged"] or row["stopped"])]
        first = max(ended, key=self.goodness, default={"model": None})["model"]
        for model, best in self.best.items():
            if not (rows := ModelRuns(model, self.runs).rows):
                continue
            write_runs(self.output / f"{model}.csv", rows, OWN)
            finish(
                best, self.output / f"{model}.soup.safetensors", rows[-1]["micro_batch"], self.task,
                self.views[model], self.device, self.metric, count=KEPT if model == first else 1,
            )  # fmt: skip
        write_rows(self.output / "plan.csv", plan)
        shutil.rmtree(self.folder)
        self.runs.remove()

    def _load(self, model):
        """Load a model, and find the best weights that were kept of it."""
        backbone, card = load_backbone(self.checkpoints[model])
        if model not in self.best:
            view = training_view(backbone, card, self.task, self.protocols[model])
            self.views[model] = view
            self.best[model] = BestWeights(
                self.folder / model,
                self.output / f"{model}.safetensors",
                card | {"preprocessing": view.preprocessing()},
                self.task,
                ModelRuns(model, self.runs),
                self.metric,
            )
        return backbone, card


def tune_in_time(arms, costs, tuning, given, began):
    """Do run after run until the time is used, from the first or after the last that was kept.

    The soup of one model still fits after them. A run that takes all that is left is stopped:
    predictions may err.

    Parameters
    ----------
    arms : list of Arm
        The most promising first.
    costs : Costs
        It learns from each run.
    tuning : Tuning
    given : float
        Seconds, if the job begins; one that goes on has what was left to it.
    began : float
        When this process did, as `time.perf_counter` says it.
    """
    if not tuning.runs.rows:
        tuning.runs.add({GIVEN: given})
    kept, spent, answer = tuning.rows, 0.0, None
    steps, tried = tuning.protocols[arms[0].model]["steps"], set()

    def seconds_left():
        return tuning.given - spent - max(map(costs.soup, tried), default=0)

    runs = halving(arms, costs.of, seconds_left, steps)
    for number in itertools.count():
        try:
            wanted = runs.send(answer)
        except StopIteration:
            return
        if number < len(kept):
            row = kept[number]
        else:
            row = _try(tuning, wanted, seconds_left())
            began, row["elapsed"] = (now := time.perf_counter()), now - began
            tuning.runs.add(row)
        spent, answer = spent + row["elapsed"], None
        if not row["stopped"]:
            tried.add(row["model"])
            costs.add(row["model"], row["steps"], row["elapsed"], row["seconds"])
            answer = None if row["diverged"] else tuning.goodness(row)


def _try(tuning, wanted, seconds):
    """Do a run within a time; it returns a row, of a run that was stopped without a result."""
    about = {"model": wanted.arm.model, "rung": wanted.rung + 1, "wanted": wanted.steps,
             "predicted": wanted.predicted}  # fmt: skip
    try:
        with time_limit(seconds):
            return about | {"stopped": False} | tuning.run(wanted)
    except OutOfTimeError:
        rate = wanted.arm.learning_rate
        return about | {"stopped": True, "learning_rate": rate, "diverged": False}


def plan_rows(arms, costs, tuning):
    """Say what was done, and after that what more time would have tried.

    Parameters
    ----------
    arms : list of Arm
    costs : Costs
        As `tune_in_time` leaves it.
    tuning : Tuning

    Returns
    -------
    list of dict
        Columns of plan.csv: rung from 1 on, model, learning_rate, steps, predicted_seconds,
        seconds, what was reached on val, and whether it was kept for more steps. What was not done
        has neither rung nor seconds; its steps are those of a whole run.
    """
    reached, steps = f"val_{tuning.metric}", tuning.protocols[arms[0].model]["steps"]
    done = [Arm(row["model"], row["learning_rate"]) for row in tuning.rows]
    over = [
        row["diverged"] or (row["wanted"] == steps and not row["stopped"]) for row in tuning.rows
    ]
    left = set(arms) - {arm for arm, is_over in zip(done, over, strict=True) if is_over}
    table = [
        {
            "rung": row["rung"],
            **asdict(arm),
            "steps": row["wanted"],
            "predicted_seconds": row["predicted"],
            "seconds": row["elapsed"],
            reached: row.get(reached),
            "kept": arm in done[number:],
        }
        for number, (arm, row) in enumerate(zip(done, tuning.rows, strict=True), start=1)
    ]
    for arm in filter(left.__contains__, arms):
        table.append({
            "rung": None, **asdict(arm), "steps": steps, "predicted_seconds": costs.of(arm, steps),
            "seconds": None, reached: None, "kept": False,
        })  # fmt: skip
    return table
