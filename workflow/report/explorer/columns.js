// Columns that several tables have; see table.js.

import { link } from "explorer/address";
import { label } from "explorer/data";
import { anchor, count, duration, interval, percent } from "explorer/dom";

const toModel = model => anchor(link("model", model.id), model.name);

export const model = {
  title: "Model",
  row: true,
  value: row => row.model.name,
  html: row => toModel(row.model),
};

export const bestModel = { ...model, title: "Best model", row: false };

// A task leads to its ranking under the same protocol.
export const task = {
  title: "Task",
  row: true,
  value: row => row.task.label,
  html: row => {
    const address = link("task", row.task.id, { protocol: row.protocol.id, kind: "" });
    return anchor(address, row.task.label);
  },
};

export const group = { title: "Group", value: row => row.task.group };

export const run = { title: "Run and protocol", value: row => label(row.protocol) };

export const parameters = {
  title: "Parameters",
  first: "asc",
  value: row => row.model.params,
  html: row => count(row.model.params),
};

export const license = { title: "Licence", value: row => row.model.license };

export const tuning = {
  title: "Fine-tuning",
  first: "asc",
  value: row => row.seconds,
  html: row => duration(row.seconds),
};

export const share = (title, first, value) => ({
  title,
  first,
  value,
  html: row => percent(value(row)),
});

export const accuracy = share("Accuracy, %", "desc", row => row.value);

export const spread = {
  title: "Interval",
  first: "desc",
  value: row => row.low,
  html: row => interval(row.low, row.high),
};

export const regret = share("Relative regret, %", "asc", row => row.regret);

export const repeats = { title: "Repeats", first: "desc", value: row => row.repeats };
