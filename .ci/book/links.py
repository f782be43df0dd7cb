"""Every link of the built book leads somewhere in it: links.py FOLDER. Anchors count; other hosts are not asked."""

import html.parser
import pathlib
import sys
import urllib.parse


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.anchors, self.links = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.anchors.update(value for value in (given.get("id"), given.get("name")) if value)
        target = given.get("href") if tag == "a" else given.get("src") if tag in ("img", "script") else None
        if target:
            self.links.append((self.getpos()[0], target))


def main(folder):
    pages = {file: Page(file.read_text()) for file in folder.rglob("*.html") if file.name not in ("404.html", "toc.html", "print.html")}
    dead, seen = [], 0
    for file, page in pages.items():
        for _, target in page.links:
            parts = urllib.parse.urlsplit(target)
            if parts.scheme or parts.netloc:
                continue
            seen += 1
            aim = (file.parent / urllib.parse.unquote(parts.path)).resolve() if parts.path else file
            aim = aim / "index.html" if aim.is_dir() else aim
            name = f"{file.relative_to(folder)}: {target}"
            if folder not in aim.parents or not aim.exists():
                dead.append(f"{name}: not in the book")
            elif parts.fragment and aim in pages and urllib.parse.unquote(parts.fragment) not in pages[aim].anchors:
                dead.append(f"{name}: no such heading")
    print("\n".join([*sorted(set(dead)), f"{seen} links of {len(pages)} pages, {len(set(dead))} of them dead"]))
    return 1 if dead or not seen else 0


sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
