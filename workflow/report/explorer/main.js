// The page: what the address asks for is shown, and again whenever it changes.

import { here, link, read } from "explorer/address";
import { el } from "explorer/dom";
import * as filters from "explorer/filters";
import * as model from "explorer/views/model";
import * as models from "explorer/views/models";
import * as size from "explorer/views/size";
import * as strategies from "explorer/views/strategies";
import * as task from "explorer/views/task";
import * as tasks from "explorer/views/tasks";

const VIEWS = { models, size, tasks, strategies, task, model };
const MENU = { models: "Models", size: "Size", tasks: "Tasks", strategies: "Strategies" };

const [form, menu, heading] = ["filters", "menu", "heading"].map(id => document.getElementById(id));

function render() {
  const view = VIEWS[here.view] ?? models;
  heading.textContent = view.title();
  document.title = `${view.title()} – Needle’s explorer`;
  menu.replaceChildren(
    ...Object.entries(MENU).map(([name, text]) =>
      el(
        "li",
        {},
        el("a", { href: link(name), "aria-current": name === here.view && "page" }, text),
      ),
    ),
  );
  filters.show(form);
  // A new element, so that nothing is left that listened to the one before.
  const main = el("div", { id: "view" });
  const focused = document.activeElement?.id;
  document.getElementById("view").replaceWith(main);
  view.show(main);
  if (focused) document.getElementById(focused)?.focus();
}

function go() {
  const before = here.view + here.id;
  read();
  render();
  if (before !== here.view + here.id) {
    scrollTo(0, 0);
    heading.focus();
  }
}

read();
filters.build(form);
if (matchMedia("(max-width: 44em)").matches) form.closest("details").open = false;
render();
addEventListener("hashchange", go);
let width = innerWidth;
addEventListener("resize", () => {
  // A phone's keyboard changes the height alone.
  if (innerWidth !== width) render();
  width = innerWidth;
});
document.documentElement.dataset.ready = performance.now();
