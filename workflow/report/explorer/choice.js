// A choice that one view alone has.

import { change } from "explorer/address";
import { el, select } from "explorer/dom";

// Of pairs of value and text; what is chosen is asked for by this name.
export function choice(name, text, options, chosen) {
  const node = select(options, { id: `choose-${name}` });
  node.value = chosen;
  node.addEventListener("change", () => change({ [name]: node.value }));
  return el("p", {}, el("label", { for: node.id }, `${text} `), node);
}
