// Making elements, and writing numbers as a reader wants them.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined && value !== false)
      node.setAttribute(name, value === true ? "" : value);
  node.append(...children.flat().filter(child => child !== null && child !== undefined));
  return node;
}

export const el = (tag, attributes = {}, ...children) =>
  fill(document.createElement(tag), attributes, children);

export const svg = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS(SVG, tag), attributes, children);

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

// For the cells of tables, which are HTML.
export const escape = text => String(text ?? "").replace(/[&<>"']/g, sign => ENTITIES[sign]);

// A name of a model breaks at its dots and dashes.
export const anchor = (href, text) =>
  `<a href="${escape(href)}"><bdi>${escape(text).replace(/[._/-](?=\w)/g, "$&<wbr>")}</bdi></a>`;

export const percent = value =>
  value === null || value === undefined ? "" : (100 * value).toFixed(1);

export const interval = (low, high) =>
  low === null || low === undefined ? "" : `[${percent(low)}, ${percent(high)}]`;

export function count(value) {
  if (value === null || value === undefined) return "";
  const [unit, divisor] =
    value >= 1e9 ? [" G", 1e9] : value >= 1e6 ? [" M", 1e6] : value >= 1e3 ? [" k", 1e3] : ["", 1];
  return `${Number((value / divisor).toPrecision(3))}${unit}`;
}

export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "";
  const [unit, divisor] = seconds < 120 ? ["s", 1] : seconds < 7200 ? ["min", 60] : ["h", 3600];
  return `${Number((seconds / divisor).toPrecision(3))} ${unit}`;
}

export const plural = (number, one, many = `${one}s`) =>
  `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

// What a view says of itself: how much it shows, which is read aloud, and how to read it.
export const status = text => el("p", { role: "status" }, text);

export const note = text => el("p", { class: "soft" }, text);

export function select(options, attributes = {}) {
  const rows = options.map(([value, text]) => el("option", { value }, text));
  return el("select", attributes, rows);
}
