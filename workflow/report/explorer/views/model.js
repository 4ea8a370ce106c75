// One model: its card, and what it reached on every task.

import { here, link } from "explorer/address";
import * as columns from "explorer/columns";
import { find, models, relative, rows } from "explorer/data";
import { el, percent, plural, status } from "explorer/dom";
import { table } from "explorer/table";

const MEANING =
  "A rank is among all models of the same run and protocol; relative regret is the share of this " +
  "model’s errors that the best of them avoids.";
const COLUMNS = [
  columns.task,
  columns.group,
  columns.run,
  columns.accuracy,
  columns.spread,
  {
    title: "Rank",
    first: "asc",
    value: each => each.rank,
    html: each => `${each.rank} of ${each.of}`,
  },
  columns.regret,
  columns.repeats,
  columns.tuning,
  { title: "Device", value: each => each.device },
];

const model = () => find(models, here.id);

export const title = () => model()?.name ?? "No such model";

export function show(main) {
  const of = model();
  if (!of) return;
  main.append(card(of), ...alike(of), el("h2", {}, "Results"));
  const found = rows.filter(row => row.model === of).flatMap(results);
  main.append(status(`${plural(found.length, "result")}. ${MEANING}`));
  table(main, `Results of ${of.name}`, COLUMNS, found);
}

// The models of the same name whose weights are others, or not known.
function alike(of) {
  const others = models.filter(other => other.name === of.name && other !== of);
  const items = others.map(other => {
    const text = `${other.name} in ${other.entries.join(", ")}`;
    return el("li", {}, el("a", { href: link("model", other.id) }, text));
  });
  if (!items.length) return [];
  return [
    el("p", {}, "Of the same name, with weights that are not known to be the same:"),
    el("ul", {}, items),
  ];
}

function results({ protocol, by }) {
  return [...by].map(([task, result]) => {
    const peers = rows.filter(row => row.protocol === protocol && row.by.has(task));
    const values = peers.map(row => row.by.get(task).value);
    const best = values.reduce((a, b) => Math.max(a, b));
    const rank = 1 + values.filter(value => value > result.value).length;
    const regret = relative(best, result.value);
    return { ...result, task, protocol, rank, of: values.length, regret };
  });
}

function card(of) {
  const number = value => value?.toLocaleString("en");
  const facts = {
    Run: of.entries.join(", "),
    Architecture: of.architecture,
    Family: of.family,
    Parameters: number(of.params),
    "Embedding dimension": number(of.embedding_dim),
    "Upstream data": of.upstream_dataset,
    "Upstream examples": number(of.upstream_examples),
    "Reference accuracy": of.reference_accuracy && `${percent(of.reference_accuracy)} %`,
    Tags: of.tags.join(", "),
    Licence: of.license ?? "not known",
    "Has seen": of.contaminated_tasks.join(", "),
    "Weights from": written(of.origin ?? ""),
    "Weights, sha256": of.sha256,
  };
  const known = Object.entries(facts).filter(([, value]) => value);
  return el(
    "dl",
    { class: "card" },
    known.map(([name, value]) => fact(name, value)),
  );
}

const fact = (name, value) => el("div", {}, el("dt", {}, name), el("dd", {}, el("bdi", {}, value)));

// What a card says of where weights are from, however deep.
function written(value) {
  if (Array.isArray(value)) return value.join(", ");
  if (value === null || typeof value !== "object") return String(value);
  const parts = Object.entries(value);
  return parts.map(([key, each]) => `${key.replaceAll("_", " ")}: ${written(each)}`).join("; ");
}
