// One task: the ranking of its models under one protocol, with intervals.

import { here, link } from "explorer/address";
import * as columns from "explorer/columns";
import { find, label, level, relative, rows, tasks } from "explorer/data";
import { el, plural, status } from "explorer/dom";
import { matching, protocol } from "explorer/filters";
import { table } from "explorer/table";

const STEP = 0.05; // the ends of the axis of accuracies are whole ones

const task = () => find(tasks, here.id);

export const title = () => task()?.label ?? "No such task";

export function show(main) {
  const of = task();
  if (!of) return;
  main.append(facts(of));
  const under = [...new Set(rows.filter(row => row.by.has(of)).map(row => row.protocol))];
  const only = protocol() ?? (under.length === 1 ? under[0] : null);
  if (!under.includes(only)) {
    main.append(
      status("The task’s results are of:"),
      el(
        "ul",
        {},
        under.map(each => item(of, each)),
      ),
    );
    return;
  }
  const found = ranking(
    of,
    matching().filter(row => row.protocol === only && row.by.has(of)),
  );
  main.append(status(`${plural(found.length, "model")} of ${label(only)}. ${noise(found)}`));
  const shown = [
    columns.model,
    { title: "Rank", first: "asc", value: row => row.rank },
    columns.accuracy,
    columns.spread,
    ...(found.length ? [axis(found)] : []),
    columns.regret,
    columns.repeats,
    columns.parameters,
    columns.license,
    columns.tuning,
  ];
  table(main, `Models on ${of.label}`, shown, found, columns.accuracy.title);
}

function facts(of) {
  const images = Object.entries(of.examples).map(
    ([split, number]) => `${number.toLocaleString("en")} ${split}`,
  );
  const all = [
    of.group,
    of.classes && plural(of.classes, "class", "classes"),
    images.length && `${images.join(", ")} images`,
    `in ${of.entries.join(", ")}`,
  ];
  return el("p", { class: "lead" }, all.filter(Boolean).join(" · "));
}

function item(of, protocol) {
  const href = link("task", of.id, { protocol: protocol.id, kind: "" });
  return el("li", {}, el("a", { href }, label(protocol)));
}

// The results with their ranks, the best first; equal accuracies have equal ranks.
function ranking(of, mine) {
  const found = mine.map(row => ({ ...row, ...row.by.get(of), model: row.model }));
  found.sort((a, b) => b.value - a.value);
  for (const [at, row] of found.entries()) {
    row.rank = at && row.value === found[at - 1].value ? found[at - 1].rank : at + 1;
    row.regret = relative(found[0].value, row.value);
  }
  return found;
}

function noise(found) {
  const known = found.filter(row => row.low !== null).length;
  const some = known < found.length ? ", where a model has several" : "";
  return known
    ? `${100 * level} % intervals are over the repeats of fine-tuning${some}.`
    : "No model has several repeats, so nothing is known of the noise, and there are no intervals.";
}

// A column that draws accuracies and their intervals on an axis that all rows share.
function axis(found) {
  const lows = found.map(row => row.low ?? row.value);
  const highs = found.map(row => row.high ?? row.value);
  const least = STEP * Math.floor(lows.reduce((a, b) => Math.min(a, b)) / STEP);
  const most = STEP * Math.ceil(highs.reduce((a, b) => Math.max(a, b)) / STEP);
  const at = value => `${((100 * (value - least)) / (most - least || STEP)).toFixed(1)}%`;
  const title = `${(100 * least).toFixed(0)} to ${(100 * most).toFixed(0)} %`;
  return { title, first: "desc", value: row => row.value, html: row => range(row, at) };
}

function range({ value, low, high, rank }, at) {
  const line = (name, from, to) =>
    `<line class="${name}" x1="${from}" x2="${to}" y1="50%" y2="50%"/>`;
  const span = low === null ? "" : line("span", at(low), at(high));
  const mark = `<circle cx="${at(value)}" cy="50%" r="4"/>`;
  const of = rank === 1 ? "range top" : "range";
  return `<svg class="${of}" aria-hidden="true">${line("axis", "0", "100%")}${span}${mark}</svg>`;
}
