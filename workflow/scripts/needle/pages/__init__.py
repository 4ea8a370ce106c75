"""Tables for readers, as HTML pages and as text for a terminal.

`page` frames a page and formats cells; `headline`, `comparison`, `claims`, `models`, `budgets` and
`paper` each lay out one table. `summary` lays out the page of a run; `template` fills its template
and the recommendation's, and `formats` writes numbers as people read them.
"""
