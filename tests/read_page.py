"""A report as a reader sees it."""

from html.parser import HTMLParser

VOID = {"meta", "link", "img"}


class Page(HTMLParser):
    """A page as a reader sees it: texts of its tables by label, headings, all text, all links."""

    def __init__(self, text):
        super().__init__()
        self.tables, self.headings, self.links, self.open, self.texts = {}, [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.links += [attrs[name] for name in ("src", "href", "srcset", "data") if name in attrs]
        if tag not in VOID:
            self.open.append(tag)
        if tag in ("h1", "h2", "h3"):
            self.headings.append([tag, ""])
        if attrs.get("role") == "group":
            self.rows = self.tables.setdefault(attrs["aria-label"], [])
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        self.handle_data(" ")

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" in self.open:
            return
        self.texts.append(data)
        if self.headings and self.open and self.headings[-1][0] in self.open:
            self.headings[-1][1] += data
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data

    def close(self):
        super().close()
        assert not self.open
        for rows in self.tables.values():
            rows[:] = [[" ".join(cell.split()) for cell in row] for row in rows]
        self.headings = [[tag, text.strip()] for tag, text in self.headings]

    @property
    def text(self):
        return " ".join("".join(self.texts).split())
