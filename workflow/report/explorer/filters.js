// The filters, and what they leave.

import { change, here } from "explorer/address";
import { label, models, protocols, rows, tasks } from "explorer/data";
import { el, select } from "explorer/dom";

const unique = values => [...new Set(values)].sort();
const UNKNOWN = "not known";
const ALL = "all";

// Own results first, then what has most of them.
const counts = new Map(protocols.map(protocol => [protocol, 0]));
for (const row of rows) counts.set(row.protocol, counts.get(row.protocol) + row.by.size);
const ordered = [...protocols]
  .filter(protocol => counts.get(protocol))
  .sort((a, b) => (a.kind === b.kind ? counts.get(b) - counts.get(a) : a.kind === "own" ? -1 : 1));

const offered = () => {
  const kind = here.asked.get("kind");
  return ordered.filter(protocol => !kind || protocol.kind === kind);
};

// The protocol that was asked for, null for all of them; else the first that is offered.
export function protocol() {
  const asked = here.asked.get("protocol");
  if (asked === ALL) return null;
  return offered().find(each => each.id === asked) ?? offered()[0] ?? null;
}

const number = name => {
  const asked = here.asked.get(name);
  return asked && Number.isFinite(Number(asked)) ? Number(asked) : null;
};

const within = (value, most) => most === null || (value !== null && value <= most);

export function matching() {
  const only = protocol();
  const among = new Set(only ? [only] : offered());
  const license = here.asked.get("license");
  const wanted = (here.asked.get("name") ?? "").toLowerCase();
  const [params, seconds] = [number("params"), number("seconds")];
  return rows.filter(
    row =>
      among.has(row.protocol) &&
      (!license || (row.model.license ?? UNKNOWN) === license) &&
      (!wanted || row.model.name.toLowerCase().includes(wanted)) &&
      within(row.model.params, params === null ? null : 1e6 * params) &&
      within(row.seconds, seconds),
  );
}

// The tasks of a group of which these rows have results, in the order of the store.
export function shownTasks(of) {
  const group = here.asked.get("group");
  const found = new Set(of.flatMap(row => [...row.by.keys()]));
  return tasks.filter(task => found.has(task) && (!group || task.group === group));
}

// The controls: name, what a reader calls it, and the views in which it matters.
function control(name, text, node, views) {
  node.name = name;
  node.id = `filter-${name}`;
  return el("div", { "data-views": views }, el("label", { for: node.id }, text), node);
}

const everything = (values, text) => select([["", text], ...values.map(value => [value, value])]);
const bound = () => el("input", { type: "number", min: 0, step: "any", inputmode: "decimal" });

const kinds = unique(protocols.map(each => each.kind));

const controls = [
  control(
    "kind",
    "Results",
    select([["", "all"], ...kinds.map(kind => [kind, kind])]),
    "models size tasks task",
  ),
  control("protocol", "Run and protocol", select([]), "models size tasks task"),
  control(
    "group",
    "Group of tasks",
    everything(unique(tasks.map(task => task.group).filter(Boolean)), "all"),
    "models size tasks",
  ),
  control(
    "license",
    "Licence",
    everything(unique(models.map(model => model.license ?? UNKNOWN)), "any"),
    "models size task",
  ),
  control("params", "Most parameters (M)", bound(), "models size task"),
  control("seconds", "Longest tuning (s)", bound(), "models size task"),
  control(
    "name",
    "Name contains",
    el("input", { type: "search", autocomplete: "off" }),
    "models size task",
  ),
];

// Make the form; whatever is changed in it changes the address.
export function build(form) {
  form.append(...controls, el("button", { type: "reset" }, "Clear"));
  let waiting;
  form.addEventListener("input", ({ target }) => {
    clearTimeout(waiting);
    const apply = () => change({ [target.name]: target.value });
    // A number or a name is typed; a choice is made at once.
    target.matches("input") ? (waiting = setTimeout(apply, 200)) : apply();
  });
  form.addEventListener("submit", event => event.preventDefault());
  form.addEventListener("reset", event => {
    event.preventDefault();
    change(
      Object.fromEntries([...form.elements].filter(node => node.name).map(node => [node.name, ""])),
    );
  });
}

// Fill in the form for the address, and show what matters in the view.
export function show(form) {
  const wanted = offered().map(each => el("option", { value: each.id }, label(each)));
  form.elements.protocol.replaceChildren(...wanted, el("option", { value: ALL }, "all of them"));
  for (const node of form.elements) {
    const typed = node.matches("input") && node === document.activeElement;
    if (!node.name || typed) continue;
    node.value =
      node.name === "protocol" ? (protocol()?.id ?? ALL) : (here.asked.get(node.name) ?? "");
  }
  let any = false;
  for (const { dataset, style } of form.querySelectorAll("[data-views]")) {
    const matters = dataset.views.split(" ").includes(here.view);
    style.display = matters ? "" : "none";
    any ||= matters;
  }
  form.closest("details").hidden = !any;
}
