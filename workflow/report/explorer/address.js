// The address says all of what is seen: #/view/id?filters. So links, bookmarks and Back work.

export const here = { view: "models", id: "", asked: new URLSearchParams() };

export function read() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [view, ...id] = path.split("/");
  here.view = view || "models";
  here.id = decodeURIComponent(id.join("/"));
  here.asked = new URLSearchParams(query);
}

// What is asked of this view is asked of the next one too, but for the changes.
export function link(view, id = "", changes = {}) {
  const asked = new URLSearchParams(here.asked);
  for (const [name, value] of Object.entries(changes))
    value ? asked.set(name, value) : asked.delete(name);
  const query = asked.toString();
  return `#/${view}${id && "/" + encodeURIComponent(id)}${query && "?" + query}`;
}

// Ask for something else of this view; the page listens to it as to any other address.
export function change(changes) {
  history.replaceState(null, "", link(here.view, here.id, changes));
  read();
  dispatchEvent(new Event("hashchange"));
}
