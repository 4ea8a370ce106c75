// What the page shows, as Python wrote it, and how accuracies are found in it.

const raw = JSON.parse(document.getElementById("contents").textContent);

export const { level, entries, protocols, tasks, models, regrets } = raw;

export const find = (things, id) => things.find(thing => thing.id === id);

// A run has one protocol of its own, and may have others with names.
export const label = protocol =>
  protocol.entries.join(", ") + (protocol.name === "own" ? "" : ` · ${protocol.name}`);

// A row for each model under each protocol; `by` has its results by task.
export const rows = [];

const columns = Object.entries(raw.results);
const places = new Map();
for (let at = 0; at < raw.results.value.length; at++) {
  const result = Object.fromEntries(columns.map(([name, values]) => [name, values[at]]));
  const key = result.protocol * models.length + result.model;
  if (!places.has(key)) {
    const [protocol, model] = [protocols[result.protocol], models[result.model]];
    places.set(key, { protocol, model, by: new Map(), seconds: null });
    rows.push(places.get(key));
  }
  places.get(key).by.set(tasks[result.task], result);
}

const mean = values => values.reduce((sum, value) => sum + value, 0) / values.length;

for (const row of rows) {
  const seconds = [...row.by.values()]
    .map(result => result.seconds)
    .filter(value => value !== null);
  if (seconds.length) row.seconds = mean(seconds);
}

// The mean accuracy over tasks; null where one of them is missing, since tasks differ.
export const average = (row, chosen) =>
  chosen.length && chosen.every(task => row.by.has(task))
    ? mean(chosen.map(task => row.by.get(task).value))
    : null;

// The share of the errors of the worse accuracy that the better one avoids, as base/deltas.py.
export const relative = (best, value) =>
  best === value ? 0 : (best - value) / (1 - Math.min(best, value));
