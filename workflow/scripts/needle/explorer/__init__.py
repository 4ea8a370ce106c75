"""The explorer: one page over a store, for looking at all that is known.

It takes the entries of a store and gives the HTML of a page that a browser opens from a file.
`contents` says what the page shows, as plain lists; `results` puts accuracies and their intervals
together, `regrets` averages what the strategies lose, `page` lays all out.

Begin with `contents.contents_of` and `page.explorer_page`.
"""
