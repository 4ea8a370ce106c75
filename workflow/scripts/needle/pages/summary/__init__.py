"""A run's own page: what was asked, the answer, what to take from it and where all of it is.

`page` lays it out, from `words` and `changes`. Begin with `summary_page(tables, ...)`.
"""
