// Accuracy against size as a chart.

import { link } from "explorer/address";
import { axes, ground, labels, linear, logarithmic, whole } from "explorer/chart";
import { count, el, percent, svg } from "explorer/dom";

const HINT = "Point at a model, or go through those of the frontier with Tab.";

// Points have a model, a size and an accuracy; those in front make the frontier, smallest first.
export function scatter(main, points, front, name) {
  const said = el("p", { class: "said", "aria-live": "polite" }, HINT);
  const host = el("div", { class: "host" });
  main.append(host, said);
  const place = ground(host, "Accuracy against number of parameters");
  const { chart, inside } = place;
  const x = logarithmic(...ends(points.map(point => point.size)), inside.left, inside.right);
  const y = linear(...ends(points.map(point => point.accuracy)), inside.bottom, inside.top);
  axes(place, x, y, { x: "Parameters", y: name }, { x: count, y: whole });

  const at = point => ({ x: x.at(point.size), y: y.at(point.accuracy) });
  const steps = front.map(at).map((to, i) => (i ? `H${to.x}V${to.y}` : `M${to.x} ${to.y}`));
  chart.append(svg("path", { class: "frontier", d: `${steps.join("")}H${inside.right}` }));
  // Those of the frontier come last, over the others, and only they are stops of the keyboard.
  const first = new Set(front);
  for (const point of points) if (!first.has(point)) chart.append(mark(point, at(point), said));
  for (const point of front) chart.append(mark(point, at(point), said, true));
  const texts = front.map(point => ({ ...at(point), text: point.model.name }));
  labels(chart, texts.reverse(), inside);
}

function mark(point, { x: cx, y: cy }, said, best = false) {
  const text = `${point.model.name}: ${percent(point.accuracy)} %, ${count(point.size)} parameters`;
  const circle = svg("circle", { cx, cy, r: best ? 5 : 3.5, class: best ? "best" : "other" });
  const href = link("model", point.model.id);
  const node = svg("a", { href, "aria-label": text, tabindex: best ? 0 : -1 }, circle);
  const say = () => (said.textContent = text);
  for (const event of ["focus", "pointerenter"]) node.addEventListener(event, say);
  return node;
}

// Of any number of values: as arguments of Math.max they may be too many.
const ends = values => [
  values.reduce((a, b) => Math.min(a, b)),
  values.reduce((a, b) => Math.max(a, b)),
];
