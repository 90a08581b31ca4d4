"""A browser: session, CSRF token, and the form that the page handed out with its key or version."""

import re
from typing import Any

from tests.chaos.by_api import SHORT
from tests.chaos.client import DONE, REFUSED, Answer, Client

HIDDEN = "csrfmiddlewaretoken|idempotency_key|version"
FIELD = re.compile(f'<input type="hidden" name="({HIDDEN})" value="([^"]*)"')
ALIKE = "This looks like"
SEEN = re.compile(r'<input type="hidden" name="seen" value="(\d+)">')
CHANGED = "was changed elsewhere"  # what a form says whose version is not the newest
PAGES = ("/", "/transactions/", "/transactions/deleted/", "/performance/")
HTMX = {"HX-Request": "true"}


class Browser(Client):
    """Records, amends, deletes, restores; reads pages."""

    def sign_in(self) -> None:
        """While all is well; the session then lives through everything."""
        path = f"{self.address}/accounts/login/"
        hidden = dict(FIELD.findall(self.session.get(path, timeout=60).text))
        hidden |= {"username": self.account["name"], "password": self.account["password"]}
        answer = self.session.post(path, data=hidden, timeout=60, allow_redirects=False)
        assert answer.status_code == 302, answer.text

    def act(self) -> None:
        acts = [self.record, self.amend, self.delete, self.restore, self.read]
        self.chance.choices(acts, [8, 5, 2, 2, 4])[0]()

    def record(self) -> None:
        page = self.look("/transactions/new/")
        if page is None:
            return
        row = self.new_row()
        form = dict(FIELD.findall(page.text)) | self._typed(row) | {"portfolio": row["portfolio"]}
        if self._posted("record", row, "/transactions/new/", form) == DONE and (pk := self._number(row)):
            self.rows.append(row | {"pk": pk})

    def amend(self) -> None:
        row = self.known()
        page = row and self.look(self._address(row, "edit"))
        if not page:
            return
        after = row | self.figures(row["kind"]) | {"version": row["version"] + 1}
        form = dict(FIELD.findall(page.text)) | self._typed(after)
        self._changed(row, after, self._posted("amend", after, self._address(row, "edit"), form))

    def delete(self) -> None:
        if row := self.known():
            after = row | {"is_deleted": True, "version": row["version"] + 1}
            self._changed(row, after, self._pressed("delete", after))

    def restore(self) -> None:
        if row := self.known(deleted=True):
            after = row | {"is_deleted": False, "version": row["version"] + 1}
            self._changed(row, after, self._pressed("restore", after))

    def read(self) -> None:
        portfolio = self.chance.choice(self.account["portfolios"])
        self.look(self.chance.choice([*PAGES, f"/portfolios/{portfolio}/"]))

    def _posted(self, what: str, row: dict, path: str, form: dict[str, Any]) -> str:
        """A whole form, as a browser without scripts sends it."""

        def send(wait: tuple[float, float]) -> Answer:
            while True:
                to = self.address + path
                answer = self.session.post(to, data=form, timeout=wait, allow_redirects=False)
                if answer.status_code != 422 or ALIKE not in answer.text:
                    return answer
                form["seen"] = SEEN.findall(answer.text)  # it is meant, and says so

        def read(answer: Answer, is_unsure: bool) -> str:
            if answer.status_code == 303 and "/login" not in answer.headers["Location"]:
                return DONE
            if answer.status_code != 422:
                return ""
            if SHORT in answer.text:
                return REFUSED
            return DONE if is_unsure and CHANGED in answer.text else ""

        return self.write(what, [row], send, read)[0]

    def _pressed(self, what: str, row: dict) -> str:
        """A button of a table's row, as htmx sends it."""
        headers = HTMX | {"X-CSRFToken": self.session.cookies["csrftoken"]}
        path = self.address + self._address(row, what)

        def send(wait: tuple[float, float]) -> Answer:
            return self.session.post(path, headers=headers, timeout=wait)

        def read(answer: Answer, is_unsure: bool) -> str:
            if SHORT in answer.text + answer.headers.get("HX-Trigger", ""):
                return REFUSED
            is_gone = what == "delete" and answer.status_code == 404 and is_unsure
            return DONE if answer.status_code == 200 or is_gone else ""

        return self.write(what, [row], send, read)[0]

    def _changed(self, row: dict, after: dict, verdict: str) -> None:
        if verdict != REFUSED:
            self.rows.remove(row)
        if verdict == DONE:
            self.rows.append(after)

    def _number(self, row: dict) -> int | None:
        """The row's number, found by its label among those of its second."""
        at = f"{row['at']}Z"
        path = f"/api/portfolios/{row['portfolio']}/transactions"
        answer = self.look(path, params={"from": at, "to": at})
        found = answer.json()["items"] if answer else []
        return next((item["id"] for item in found if item["note"] == row["label"]), None)

    def _typed(self, row: dict) -> dict[str, Any]:
        typed = {
            "kind": row["kind"],
            "asset": self.account["coins"][row["asset"]],
            "quantity": row["quantity"],
            "occurred_at": row["at"],
            "unit_price": row["unit_price"] or "",
            "currency": "USD",
            "note": row["label"],
        }
        return typed | ({"to_portfolio": row["to"]} if row["to"] else {})

    def _address(self, row: dict, what: str) -> str:
        return f"/transactions/{row['pk']}/{what}/"
