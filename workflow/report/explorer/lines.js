// Regret by budget as a chart: a line for each strategy, with intervals.

import { axes, ground, linear, whole } from "explorer/chart";
import { el, interval, percent, svg } from "explorer/dom";

const BUDGETS = 10; // at most
const APART = 7; // pixels between strategies at one budget, at most
const LEAST = 0.01; // regret at the top of the axis
// Colours that colour-blind readers can tell apart; more strategies than these share the last.
const COLORS = "#0173b2 #d55e00 #029e73 #cc78bc #ca9161 #949494 #56b4e9 #1c2127".split(" ");

const color = number => COLORS[Math.min(number, COLORS.length - 1)];

export function lines(host, strategies) {
  const place = ground(host, "Mean relative regret by budget");
  const { inside } = place;
  const budgets = [...strategies[0].mean_relative_regret.keys()]
    .map(at => at + 1)
    .slice(0, BUDGETS);
  const tops = strategies.flatMap(each => budgets.map(budget => top(each, budget - 1)));
  const wide = (inside.right - inside.left) / budgets.length;
  const x = { ticks: budgets, at: budget => inside.left + (budget - 0.5) * wide };
  const y = linear(0, Math.max(...tops, LEAST), inside.bottom, inside.top);
  axes(place, x, y, { x: "Budget B", y: "Mean relative regret, %" }, { x: String, y: whole });
  // Side by side, so that their intervals do not cover one another.
  const apart = Math.min(APART, (0.6 * wide) / strategies.length);
  strategies.forEach((strategy, number) => {
    const shift = (number - (strategies.length - 1) / 2) * apart;
    const at = budget => x.at(budget) + shift;
    place.chart.append(...line(strategy, budgets, at, y, color(number)));
  });
  host.append(el("ul", { class: "legend" }, strategies.map(entry)));
}

const top = (strategy, at) => strategy.high[at] ?? strategy.mean_relative_regret[at];

function entry(strategy, number) {
  return el("li", {}, el("i", { style: `background:${color(number)}` }), strategy.label);
}

function line(strategy, budgets, at, y, color) {
  const marks = budgets.map(budget => {
    const regret = strategy.mean_relative_regret[budget - 1];
    return { budget, x: at(budget), y: y.at(regret), regret, ...bounds(strategy, budget - 1) };
  });
  const points = marks.map(mark => `${mark.x},${mark.y}`).join(" ");
  return [
    svg("polyline", { points, style: `stroke:${color}` }),
    ...marks.filter(mark => mark.low !== null).map(mark => whisker(mark, y, color)),
    ...marks.map(mark => dot(strategy, mark, color)),
  ];
}

const bounds = (strategy, at) => ({ low: strategy.low[at], high: strategy.high[at] });

function whisker({ x, low, high }, y, color) {
  const ends = { x1: x, x2: x, y1: y.at(low), y2: y.at(high) };
  return svg("line", { class: "whisker", ...ends, style: `stroke:${color}` });
}

function dot(strategy, { x, y, budget, regret, low, high }, color) {
  const text = `${strategy.label}, B = ${budget}: ${percent(regret)} ${interval(low, high)}`;
  const circle = { cx: x, cy: y, r: 3.5, style: `fill:${color}` };
  return svg("circle", circle, svg("title", {}, text));
}
