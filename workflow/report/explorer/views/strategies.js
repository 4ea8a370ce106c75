// What the strategies lose by budget, in one run.

import { here } from "explorer/address";
import { choice } from "explorer/choice";
import { level, regrets } from "explorer/data";
import { el, escape, interval, note, percent, status } from "explorer/dom";
import { lines } from "explorer/lines";
import { table } from "explorer/table";

const BUDGETS = [1, 2, 3, 5, 10];
const NOTHING =
  "No run has two models with an accuracy on the same task: there is nothing to choose from.";
const NOTES = {
  oracle: "looks at the task’s own results",
  halving: "fine-tunes all models in part",
  random: "chance alone",
};
// Drawn at first, where a run has them: chosen beforehand, not the best of all in hindsight.
const FIRST = ["task-agnostic", "size", "linear", "hybrid-linear", "prior", "portfolio", "random"];

export const title = () => "Strategies by budget";

const name = run => run.entry + (run.protocol === "own" ? "" : ` · ${run.protocol}`);

const largest = () => regrets.reduce((a, b) => (b.strategies.length > a.strategies.length ? b : a));

const meaning = run =>
  "A strategy picks B models, and the best of them after fine-tuning is the answer. Its relative " +
  "regret is the share of that answer’s errors that the best of all models avoids. Shown is the " +
  `mean over ${run.tasks} tasks in percent, lower is better, with its ${100 * level} % ` +
  "interval over tasks.";

export function show(main) {
  if (!regrets.length) {
    main.append(status(NOTHING));
    return;
  }
  const run = regrets.find(each => name(each) === here.asked.get("run")) ?? largest();
  const shown = new Set(run.strategies.filter(strategy => FIRST.includes(strategy.name)));
  const host = el("div", { class: "host" });
  const options = regrets.map(each => [name(each), name(each)]);
  main.append(choice("run", "Run and protocol", options, name(run)), note(meaning(run)), host);
  const redraw = () => {
    host.replaceChildren();
    const chosen = run.strategies.filter(strategy => shown.has(strategy));
    if (chosen.length) lines(host, chosen);
    else host.append(status("Tick strategies in the table to draw them."));
  };
  redraw();
  list(main, run, shown);
  main.addEventListener("change", ({ target }) => {
    if (target.type !== "checkbox") return;
    const strategy = run.strategies[target.value];
    target.checked ? shown.add(strategy) : shown.delete(strategy);
    redraw();
  });
}

function list(main, run, shown) {
  const longest = run.strategies[0].mean_relative_regret.length;
  const columns = [
    {
      title: "Strategy",
      row: true,
      value: each => each.label,
      html: each => tick(run.strategies.indexOf(each), shown.has(each), each.label),
    },
    ...BUDGETS.filter(budget => budget <= longest).map(budget => ({
      title: `B = ${budget}`,
      first: "asc",
      value: each => each.mean_relative_regret[budget - 1],
      html: each => cell(run, each, budget - 1),
    })),
    { title: "Note", value: each => NOTES[each.kind] ?? "" },
  ];
  table(main, "Mean relative regret in percent", columns, run.strategies, "B = 1");
}

function tick(number, checked, text) {
  const box = `<input type="checkbox" value="${number}"${checked ? " checked" : ""}>`;
  return `<label class="pick">${box} ${escape(text)}</label>`;
}

// Where a strategy ranks too few models on some tasks, the rest of its picks is drawn at random.
function cell(run, each, at) {
  const ranked = each.ranked[at] < run.tasks ? ` (${each.ranked[at]} of ${run.tasks})` : "";
  const ends = interval(each.low[at], each.high[at]);
  return `<b>${percent(each.mean_relative_regret[at])}</b> <small>${ends}${ranked}</small>`;
}
