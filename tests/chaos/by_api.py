"""A program: bearer token, Idempotency-Key, If-Match."""

from typing import Any
from uuid import UUID

from tests.chaos.client import DONE, REFUSED, Answer, Client

SHORT = "less than the"  # what a refusal for want of coins says


class Program(Client):
    """Records, amends, deletes, transfers and records batches; reads what comes of it."""

    def act(self) -> None:
        self.session.headers["Authorization"] = f"Bearer {self.account['token']}"
        acts = [self.record, self.amend, self.delete, self.batch, self.read]
        self.chance.choices(acts, [8, 5, 2, 1, 4])[0]()

    def record(self) -> None:
        row = self.new_row()
        verdict, answer = self._post("record", [row], self._rows_of(row), body_of(row))
        if verdict == DONE:
            self.rows.append(row | {"pk": answer.json()["id"]})

    def batch(self) -> None:
        rows = [self.new_row()]
        while len(rows) < 3:
            rows.append(self.new_row() | {"portfolio": rows[0]["portfolio"], "to": rows[0]["to"]})
            rows[-1] |= {"kind": "buy", "to": None, **self.figures("buy")}
        body = {"items": [body_of(row) for row in rows]}
        verdict, answer = self._post("batch", rows, self._rows_of(rows[0]) + "/batch", body)
        if verdict == DONE:
            numbers = [item["id"] for item in answer.json()["items"]]
            self.rows += [row | {"pk": pk} for row, pk in zip(rows, numbers, strict=True)]

    def _post(self, what: str, rows: list[dict], path: str, body: dict) -> tuple[str, Any]:
        headers = {"Idempotency-Key": str(UUID(int=self.chance.getrandbits(128)))}

        def send(wait: tuple[float, float]) -> Answer:
            return self.session.post(path, json=body, headers=headers, timeout=wait)

        return self.write(what, rows, send, lambda answer, _: self._meaning(answer, {201}))

    def amend(self) -> None:
        row = self.known()
        if row is None:
            return
        after = row | self.figures(row["kind"]) | {"version": row["version"] + 1}
        headers = {"If-Match": f'"{row["version"]}"'}

        def send(wait: tuple[float, float]) -> Answer:
            return self.session.put(self._one(row), json=body_of(after), headers=headers, timeout=wait)

        self._changed("amend", row, after, send, gone=412)

    def delete(self) -> None:
        row = self.known()
        if row is None:
            return
        after = row | {"is_deleted": True, "version": row["version"] + 1}
        self._changed(
            "delete", row, after, lambda wait: self.session.delete(self._one(row), timeout=wait), gone=404
        )

    def _changed(self, what: str, row: dict, after: dict, send: Any, *, gone: int) -> None:
        """`gone` says that it was done before: by an earlier try, for nobody else touches this row."""
        verdict, _ = self.write(
            what,
            [after],
            send,
            lambda answer, is_unsure: self._meaning(answer, {200, 204, gone if is_unsure else 200}),
        )
        if verdict != REFUSED:
            self.rows.remove(row)
        if verdict == DONE:
            self.rows.append(after)

    def _meaning(self, answer: Answer, done: set[int]) -> str:
        if answer.status_code in done:
            return DONE
        return REFUSED if answer.status_code == 409 and SHORT in answer.text else ""

    def read(self) -> None:
        portfolio = self.chance.choice(self.account["portfolios"])
        self.look(self.chance.choice(["/api/portfolios", f"/api/portfolios/{portfolio}/transactions"]))

    def _rows_of(self, row: dict) -> str:
        return f"{self.address}/api/portfolios/{row['portfolio']}/transactions"

    def _one(self, row: dict) -> str:
        return f"{self._rows_of(row)}/{row['pk']}"


def body_of(row: dict[str, Any]) -> dict[str, Any]:
    body = {
        "kind": row["kind"],
        "asset": row["asset"],
        "quantity": row["quantity"],
        "occurred_at": f"{row['at']}Z",
        "unit_price": row["unit_price"],
        "to_portfolio": row["to"],
        "note": row["label"],
    }
    return {name: value for name, value in body.items() if value is not None}
