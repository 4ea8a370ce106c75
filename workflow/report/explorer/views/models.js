// Models x tasks: the accuracies that match the filters.

import * as columns from "explorer/columns";
import { average, relative } from "explorer/data";
import { note, percent, plural, status } from "explorer/dom";
import { matching, protocol, shownTasks } from "explorer/filters";
import { table } from "explorer/table";

const DARKEST = 0.45; // of the best cell of a column
const MEANING =
  "Test accuracy after fine-tuning, in percent: the median over repeats. The darker a cell, the " +
  "fewer errors are made that the best model shown avoids; the best is bold.";
const APART = "Accuracies of different runs and protocols cannot be compared; choose one for that.";

export const title = () => "Models and tasks";

export function show(main) {
  const all = matching();
  const tasks = shownTasks(all);
  const rows = all.filter(row => tasks.some(task => row.by.has(task)));
  main.append(status(amount(rows, tasks)), note(MEANING));
  if (!protocol() && new Set(rows.map(row => row.protocol)).size > 1) main.append(note(APART));
  const shown = [
    columns.model,
    ...(protocol() ? [] : [columns.run]),
    mean(tasks),
    columns.parameters,
    columns.license,
    columns.tuning,
    ...tasks.map(task => column(rows, task)),
  ];
  table(main, "Accuracies of models on tasks", shown, rows, "Mean");
}

function amount(rows, tasks) {
  const found = rows.reduce((sum, row) => sum + tasks.filter(task => row.by.has(task)).length, 0);
  const models = new Set(rows.map(row => row.model)).size;
  const accuracies = plural(found, "accuracy", "accuracies");
  return `${accuracies} of ${plural(models, "model")} on ${plural(tasks.length, "task")}.`;
}

// The mean over the tasks of a row's own run: those of others it cannot have.
function mean(tasks) {
  const own = ({ protocol }) =>
    tasks.filter(task => task.entries.some(entry => protocol.entries.includes(entry)));
  const value = row => average(row, own(row));
  return { title: "Mean", first: "desc", value, html: row => `<b>${percent(value(row))}</b>` };
}

function column(rows, task) {
  // The best is that under the same protocol: others are no measure of it.
  const best = new Map();
  for (const { protocol, by } of rows)
    if (by.has(task)) best.set(protocol, Math.max(best.get(protocol) ?? 0, by.get(task).value));
  const value = row => row.by.get(task)?.value ?? null;
  const lost = row => relative(best.get(row.protocol), value(row));
  return {
    title: task.label,
    first: "desc",
    value,
    html: row => (lost(row) ? percent(value(row)) : `<b>${percent(value(row))}</b>`),
    style: (cell, row) => {
      if (row.by.has(task)) cell.style.setProperty("--s", DARKEST * (1 - lost(row)) ** 2);
    },
  };
}
