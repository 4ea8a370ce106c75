"""The figures: tables in, SVG out.

`layout` and `style` are what all share: rows of pools, groups of tasks, colours, fonts. Each other
file draws one kind of figure from the tables' columns and knows no formula.
"""
