"""A page of one sentence in both languages, for where the workbench's pages are out of reach."""

from __future__ import annotations

from html import escape

from hub.words import Label

_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>
body {{ font: 16px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; color: #1f2937;
  background: #f1f5f9; display: grid; place-items: center; min-height: 100vh; margin: 0 }}
main {{ background: #fff; border: 1px solid #e2e8f0; border-radius: 8px; padding: 2rem; max-width: 34rem;
  margin: 1rem }}
h1 {{ font-size: 1.25rem; margin: 0 0 .75rem }} p {{ margin: .25rem 0 }} .en {{ color: #526077 }}
button, a.go {{ display: inline-block; margin-top: 1.25rem; background: #0b6e6e; color: #fff; border: 0; font: inherit;
  padding: .5rem 1rem; border-radius: 6px; text-decoration: none; cursor: pointer }}
</style></head><body><main>
<h1>{title}</h1><p>{chinese}</p><p class="en" lang="en">{english}</p>{way}
</main></body></html>
"""


def plain_page(title: Label, sentence: Label, *, way: tuple[str, Label] | None = None, form: str = "") -> str:
    """The page as HTML. `way` is a link out of it: address and words; `form` is what a button sends instead."""
    said = ""
    if way is not None:
        address, words = escape(way[0], quote=True), escape(f"{words_of(way[1])}")
        link = f'<a class="go" href="{address}">{words}</a>'
        said = f'<form method="post" action="{address}">{form}<button>{words}</button></form>' if form else link
    return _PAGE.format(
        title=escape(words_of(title)), chinese=escape(sentence.chinese), english=escape(sentence.english), way=said
    )


def words_of(label: Label) -> str:
    """Both languages on one line."""
    return f"{label.chinese} · {label.english}"
