"""What tests of exported pages share: a page as a reader's program meets it."""

from html.parser import HTMLParser

VOID = {"meta", "br", "img", "hr", "input", "col", "link", "wbr"}
ACTIVE = {"script", "iframe", "object", "embed", "link", "form", "base", "video", "audio", "input", "button"}


class Read(HTMLParser):
    """A page as a reader's program meets it: tags in order, attributes, words, and whether all is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        """Note a tag, and that it is open."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        """Close a tag, or note that another one is open."""
        if tag in VOID:
            return
        if not self.open or self.open[-1] != tag:
            self.wrong.append(f"</{tag}> where {self.open[-1:]} is open")
        else:
            self.open.pop()

    def handle_data(self, data):
        """Note what a reader would read."""
        if self.open[-1:] != ["style"]:
            self.words += data

    def values(self, name):
        """List an attribute's values, in order."""
        return [attrs[name] or "" for _tag, attrs in self.tags if name in attrs]
