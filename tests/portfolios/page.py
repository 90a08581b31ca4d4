"""A page as a reader sees it: its figures by their names, without the tags around them."""

import re
from html import unescape

from django.http import HttpResponse


class Page:
    def __init__(self, response: HttpResponse) -> None:
        self.status = response.status_code
        self.html = response.content.decode()

    def tile(self, name: str) -> str:
        """What stands large in the tile of that name."""
        return self._found(rf'<dt>{name}\b(?:(?!</dt>).)*</dt>\s*<dd class="v">(.*?)</dd>')

    def under(self, name: str) -> str:
        """The line of context in the tile of that name."""
        return self._found(
            rf'<dt>{name}\b(?:(?!</dt>).)*</dt>\s*<dd class="v">.*?</dd>\s*<dd class="s">(.*?)</dd>'
        )

    def figure(self, name: str) -> str:
        """A figure of the portfolio's card of figures: "cost-basis"."""
        return self._found(rf'id="fig-{name}">.*?<dd>(.*?)</dd>')

    def region(self, name: str) -> str:
        """The text of the element with that id, up to the next section."""
        return self._found(rf'id="{name}".*?>(.*?)</section>')

    def row(self, pk: int) -> str:
        return self._found(rf'<tr id="tx-{pk}".*?>(.*?)</tr>')

    @property
    def rows(self) -> list[int]:
        """The transactions in the table, in its order."""
        return [int(pk) for pk in re.findall(r'<tr (?:class="[a-z]+" )?id="tx-(\d+)"', self.html)]

    @property
    def text(self) -> str:
        return words(self.html)

    def _found(self, pattern: str) -> str:
        found = re.search(pattern, self.html, re.DOTALL)
        assert found, f"{pattern} is not on the page"
        return words(found[1])


def words(html: str) -> str:
    """The text that tags leave: those inside of a figure join its parts, all others separate words."""
    html = re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)
    html = re.sub(r'<span class="(?:z|cents)">(.*?)</span>', r"\1", html)
    html = re.sub(
        r'<a class="why"[^>]*>(.*?)<span class="vh"> how .*?</span></a>', r"\1", html, flags=re.DOTALL
    )
    html = re.sub(r"</?data[^>]*>", "", html)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).replace("\xa0", " ").split())
