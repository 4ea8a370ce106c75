// Accuracy against size, and the models that no smaller one reaches.

import { here } from "explorer/address";
import { choice } from "explorer/choice";
import * as columns from "explorer/columns";
import { average, find, label } from "explorer/data";
import { el, note, plural, status } from "explorer/dom";
import { matching, protocol, shownTasks } from "explorer/filters";
import { scatter } from "explorer/scatter";
import { table } from "explorer/table";

const APART = "Choose one run and protocol: accuracies under different ones cannot be compared.";
const MEANING =
  "Models that are more accurate than each that is not larger. What their accuracies differ by " +
  "may be noise: see a task’s intervals.";

export const title = () => "Accuracy and size";

export function show(main) {
  const only = protocol();
  if (!only) {
    main.append(status(APART));
    return;
  }
  const rows = matching();
  const tasks = shownTasks(rows);
  const asked = find(tasks, here.asked.get("task"));
  const chosen = asked ? [asked] : tasks;
  const points = rows
    .map(row => ({ model: row.model, size: row.model.params, accuracy: average(row, chosen) }))
    .filter(({ size, accuracy }) => size !== null && accuracy !== null);
  main.append(
    over(tasks, asked),
    status(
      `${plural(points.length, "model")} of ${label(only)}.${lacking(rows.length - points.length)}`,
    ),
  );
  if (!points.length) return;
  const front = frontier(points);
  scatter(main, points, front, asked ? `Accuracy on ${asked.label}, %` : "Mean accuracy, %");
  main.append(el("h2", {}, "The frontier"), note(MEANING));
  const accuracy = columns.share("Accuracy, %", "desc", point => point.accuracy);
  const shown = [columns.model, columns.parameters, columns.license, accuracy];
  table(main, "Models of the frontier", shown, front, "Parameters");
}

const lacking = others =>
  others ? ` ${plural(others, "other")} lack a size or an accuracy on one of the tasks.` : "";

function over(tasks, asked) {
  const mean = ["", `the mean over ${plural(tasks.length, "task")}`];
  const options = [mean, ...tasks.map(task => [task.id, task.label])];
  return choice("task", "Accuracy on", options, asked?.id ?? "");
}

function frontier(points) {
  const ordered = [...points].sort((a, b) => a.size - b.size || b.accuracy - a.accuracy);
  const found = [];
  for (const point of ordered)
    if (!found.length || point.accuracy > found.at(-1).accuracy) found.push(point);
  return found;
}
