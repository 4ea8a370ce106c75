// A table that sorts and pages, by DataTables.

import DataTable from "datatables";
import { escape } from "explorer/dom";

const PAGE = 50; // rows

// Columns have a title, `value(row)` to sort by, null where there is none, and `html(row)`. Numbers
// are sorted as `first` says, "asc" or "desc", with those that are missing at the end. A column may
// `style` its cells; the first is the `row`'s head; one without any value is left out. `by` is the
// title of the column by which the rows are sorted, if they are not in order.
export function table(host, name, columns, rows, by) {
  const known = columns.filter(column =>
    rows.some(row => ![null, undefined, ""].includes(column.value(row))),
  );
  const first = known.findIndex(column => column.title === by);
  const node = document.createElement("table");
  host.append(node);
  const made = new DataTable(node, {
    data: rows,
    columns: (rows.length ? known : columns).map(definition),
    order: first < 0 ? [] : [[first, known[first].first]],
    autoWidth: false,
    deferRender: true,
    pageLength: PAGE,
    searching: false,
    layout: {
      topStart: null,
      topEnd: null,
      bottomStart: rows.length ? "info" : null,
      bottomEnd: rows.length > PAGE ? "paging" : null,
    },
    language: { emptyTable: "Nothing matches the filters.", info: "_START_ to _END_ of _TOTAL_" },
  });
  node.createCaption().textContent = name;
  const scroll = node.closest(".dt-layout-table");
  scroll.tabIndex = 0;
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", name);
  return made;
}

function definition({ title, value, html, first, row, style }) {
  const missing = first === "desc" ? -Infinity : Infinity;
  return {
    title: escape(title),
    data: null,
    type: first ? "num" : "string",
    className: `${first ? "n" : ""}${style ? " heat" : ""}`,
    cellType: row ? "th" : "td",
    orderSequence: first === "desc" ? ["desc", "asc"] : ["asc", "desc"],
    createdCell: (cell, _, of) => (row ? (cell.scope = "row") : style?.(cell, of)),
    render: (_, purpose, of) => {
      if (purpose === "display") return (html ?? (each => escape(value(each))))(of);
      return value(of) ?? (first ? missing : "");
    },
  };
}
