// Axes and marks of the two charts, as SVG: each point can be a link, which a keyboard reaches.

import { percent, svg } from "explorer/dom";

const HEIGHT = 420; // pixels
const MARGIN = { left: 46, right: 14, top: 30, bottom: 42 };
const CHARACTER = 6.4; // pixels of a letter of a label, about

// A round number of percent.
export const whole = value => percent(value).replace(/\.0$/, "");

// An axis from the least to the most value: a scale in pixels, and round ticks.
export function linear(least, most, from, to, wanted = 6) {
  const span = most - least || 1;
  const rough = span / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(each => each * power).find(each => each >= rough);
  const [low, high] = [Math.floor(least / step) * step, Math.ceil(most / step) * step || step];
  const ticks = [];
  for (let at = 0; low + at * step <= high + step / 1e6; at++) ticks.push(low + at * step);
  return { ticks, at: value => from + ((value - low) / (ticks.at(-1) - low)) * (to - from) };
}

export function logarithmic(least, most, from, to) {
  const [low, high] = [Math.log10(least) - 0.05, Math.log10(most) + 0.05];
  const ticks = [];
  const few = high - low > 2 ? [1] : high - low > 1 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 7];
  for (let power = Math.floor(low); power <= high; power++)
    ticks.push(...few.map(each => each * 10 ** power));
  return {
    ticks: ticks.filter(tick => Math.log10(tick) >= low && Math.log10(tick) <= high),
    at: value => from + ((Math.log10(value) - low) / (high - low)) * (to - from),
  };
}

// The ground of a chart: its place for marks, its axes with their ticks and names.
export function ground(host, name) {
  const width = Math.max(host.clientWidth, 280);
  const chart = svg("svg", {
    class: "chart",
    width,
    height: HEIGHT,
    viewBox: `0 0 ${width} ${HEIGHT}`,
    role: "group",
    "aria-label": name,
  });
  host.append(chart);
  const inside = {
    left: MARGIN.left,
    right: width - MARGIN.right,
    top: MARGIN.top,
    bottom: HEIGHT - MARGIN.bottom,
  };
  return { chart, inside };
}

export function axes({ chart, inside }, x, y, names, texts) {
  const { left, right, top, bottom } = inside;
  for (const tick of y.ticks) {
    const at = y.at(tick);
    chart.append(
      svg("line", { class: "grid", x1: left, x2: right, y1: at, y2: at }),
      svg("text", { class: "tick", x: left - 7, y: at + 4, "text-anchor": "end" }, texts.y(tick)),
    );
  }
  for (const tick of x.ticks)
    chart.append(
      svg(
        "text",
        { class: "tick", x: x.at(tick), y: bottom + 18, "text-anchor": "middle" },
        texts.x(tick),
      ),
    );
  chart.append(
    svg("line", { class: "axis", x1: left, x2: right, y1: bottom, y2: bottom }),
    svg("text", { class: "name", x: right, y: bottom + 35, "text-anchor": "end" }, names.x),
    svg("text", { class: "name", x: 2, y: 12 }, names.y),
  );
}

// Write labels beside points, those first that matter most; what would cover another is left out.
export function labels(chart, points, inside) {
  const taken = [];
  for (const { x, y, text } of points) {
    const long = CHARACTER * text.length;
    const after = x + 8 + long <= inside.right;
    const box = { left: after ? x + 8 : x - 8 - long, top: y - 14, bottom: y + 2 };
    box.right = box.left + long;
    if (box.left < inside.left || taken.some(other => overlap(box, other))) continue;
    taken.push(box);
    chart.append(svg("text", { class: "label", x: box.left, y: y - 2 }, text));
  }
}

const overlap = (a, b) =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
