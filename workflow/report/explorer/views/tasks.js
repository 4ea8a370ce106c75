// All tasks under each protocol, with the best model known.

import * as columns from "explorer/columns";
import { models } from "explorer/data";
import { plural, status } from "explorer/dom";
import { matching, shownTasks } from "explorer/filters";
import { table } from "explorer/table";

const COLUMNS = [
  columns.task,
  columns.group,
  columns.run,
  {
    title: "Classes",
    first: "asc",
    value: each => each.task.classes || null,
    html: each => each.task.classes || "",
  },
  { title: "Models", first: "desc", value: each => each.values.length },
  columns.share("Best, %", "desc", each => each.values[0]),
  columns.bestModel,
  columns.share("Median, %", "desc", each => median(each.values)),
];

export const title = () => "Tasks";

export function show(main) {
  const rows = matching();
  const found = shownTasks(rows).flatMap(task => summaries(task, rows));
  main.append(status(`${plural(found.length, "task")}, each with the ranking of its models.`));
  table(main, "Tasks", COLUMNS, found);
}

function summaries(task, rows) {
  const mine = rows.filter(row => row.by.has(task));
  return [...new Set(mine.map(row => row.protocol))].map(protocol => {
    const results = mine.filter(row => row.protocol === protocol).map(row => row.by.get(task));
    results.sort((a, b) => b.value - a.value);
    const values = results.map(result => result.value);
    return { task, protocol, model: models[results[0].model], values };
  });
}

function median(values) {
  const half = (values.length - 1) / 2;
  return (values[Math.floor(half)] + values[Math.ceil(half)]) / 2;
}
