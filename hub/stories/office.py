"""The people of a company and what they ask of a hub, over HTTP and with nothing but their tokens.

What a paper does outside itself is held by `effect`: the value is read before and after, and only a change that came
as foretold is kept as a proof. Nothing here knows a document type; names are those of the GraphQL schema.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Self

import httpx

Aloud = Callable[[str, str], object]
"""Takes a sentence of the story, Chinese and English."""
Anew = tuple[str, str, str, str]
"""A step that somebody takes: who, type, id, step."""
ANYTHING: Any = object()
"""Stands for a value before an effect that nobody can foretell; the value after it must differ."""


class Astray(Exception):
    """The story did not go on as it is told."""


class Refusal(Exception):
    """The hub refused, with these codes."""

    def __init__(self, what: str, problems: list[dict[str, Any]]) -> None:
        super().__init__(f"{what}: {problems}")
        self.codes = sorted({str(one["code"]) for one in problems})


@dataclass(frozen=True)
class Proof:
    """A verb on a type changed what `question` answers, from one value to another."""

    type_name: str
    verb: str
    question: str
    before: Any
    after: Any


@dataclass
class Office:
    """Whoever has a token, by name, at the hub's address; `company` is the code of theirs."""

    url: str
    company: str
    tokens: Mapping[str, str] = field(repr=False)
    aloud: Aloud = lambda _chinese, _english: None
    proofs: list[Proof] = field(default_factory=list, repr=False)
    _done: list[tuple[str, str]] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        """One client, so that connections are kept."""
        self._http = httpx.Client(base_url=self.url, timeout=60, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def tell(self, chinese: str, english: str) -> None:
        """The next sentence of the story."""
        self.aloud(chinese, english)

    def login(self, who: str) -> str:
        """By which somebody signs in."""
        return f"{self.company}-{who}"

    # -- reading -----------------------------------------------------------------------------------------------------

    def ask(self, who: str, document: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer; Refusal when any of it was refused."""
        answer = self._http.post(
            "/graphql",
            json={"query": document, "variables": variables},
            headers={"Authorization": f"Bearer {self.tokens[who]}"},
        ).json()
        if answer.get("errors"):
            told = [{**one.get("extensions", {"code": "?"}), "message": one["message"]} for one in answer["errors"]]
            raise Refusal(document, told)
        data: dict[str, Any] = answer["data"]
        return data

    def see(self, who: str, question: str, **variables: Any) -> Any:
        """What a question is about: its answer without the names around it, as far as there is one way down."""
        return leaf(self.ask(who, question, **variables))

    def expect(self, who: str, question: str, wanted: Any) -> None:
        """Astray unless the question is answered so."""
        same(question, self.see(who, question), wanted)

    # -- writing -----------------------------------------------------------------------------------------------------

    def make(self, who: str, type_name: str, **values: Any) -> str:
        """A new document or master; returns its id."""
        declared = {"input": (f"Create{type_name}Input!", values)}
        return self._mutate(who, f"create{type_name}", type_name, "create", declared)

    def change(self, who: str, type_name: str, id_: str, **values: Any) -> None:
        """Other values."""
        declared = {"id": ("ID!", id_), "input": (f"Update{type_name}Input!", values)}
        self._mutate(who, f"update{type_name}", type_name, "update", declared)

    def convert(self, who: str, source: str, id_: str, target: str, **values: Any) -> str:
        """What a document leads to; returns the id of the draft."""
        declared = {"id": ("ID!", id_), "input": (f"Create{target}Input", values)}
        return self._mutate(who, f"convert{source}To{target}", target, "create", declared)

    def steps(self, who: str, type_name: str, id_: str, *steps: str, **arguments: Any) -> None:
        """Steps one after the other, each with the arguments."""
        for step in steps:
            given = "".join(f", {name}: {_literal(value)}" for name, value in arguments.items())
            mutation = f"{step}{type_name}"
            document = f'mutation {{ {mutation}(id: "{id_}"{given}) {{ {_PROBLEMS} }} }}'
            self._told(mutation, type_name, step, self.ask(who, document)[mutation])

    def link(self, who: str, type_name: str, id_: str, step: str) -> str:
        """The page on which somebody without an account takes one step of one document, once."""
        body = {"documentType": type_name, "documentId": id_, "step": step}
        answer = self._http.post("/links", json=body, headers={"Authorization": f"Bearer {self.tokens[who]}"})
        if answer.status_code != httpx.codes.CREATED:
            raise Refusal("POST /links", answer.json()["problems"])
        return f"/p/{answer.json()['url'].rsplit('/', 1)[-1]}"

    def answer(self, page: str, type_name: str, step: str, *shown: str, **form: str) -> None:
        """What the customer or supplier reads there (`shown` must stand on it) and sends; the link is used up by it."""
        text = self._http.get(page).text
        same("shown on the page", [one for one in shown if one not in text], [])
        same("answered", self._http.post(page, data=form).status_code, httpx.codes.OK)
        same("used up", self._http.get(page).status_code, httpx.codes.NOT_FOUND)
        self._done.append((type_name, step))

    def deliver(self, who: str, readings: Sequence[Mapping[str, Any]]) -> None:
        """What a collector sends; all of it must be taken."""
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        answer = self._http.post("/edge/readings", json={"edge": who, "readings": readings}, headers=headers).json()
        same("readings taken", (answer.get("accepted"), answer.get("rejected")), (len(readings), []))

    def _mutate(
        self, who: str, mutation: str, type_name: str, verb: str, declared: Mapping[str, tuple[str, Any]]
    ) -> str:
        head = ", ".join(f"${name}: {kind}" for name, (kind, _) in declared.items())
        given = ", ".join(f"{name}: ${name}" for name in declared)
        single = type_name[0].lower() + type_name[1:]
        document = f"mutation ({head}) {{ {mutation}({given}) {{ {single} {{ id }} {_PROBLEMS} }} }}"
        variables = {name: value for name, (_, value) in declared.items()}
        payload = self.ask(who, document, **variables)[mutation]
        self._told(mutation, type_name, verb, payload)
        return str(payload[single]["id"])

    def _told(self, mutation: str, type_name: str, verb: str, payload: Mapping[str, Any]) -> None:
        if payload["problems"]:
            raise Refusal(mutation, payload["problems"])
        self._done.append((type_name, verb))

    @contextmanager
    def refused(self, *codes: str) -> Iterator[None]:
        """What is done within must be refused with these codes."""
        try:
            yield
        except Refusal as refusal:
            if refusal.codes != sorted(codes):
                raise
        else:
            raise Astray(f"nobody said {codes}")

    @contextmanager
    def moves(self, who: str, question: str, by: str) -> Iterator[None]:
        """An effect on a figure of which only the difference is foretold."""
        before = str(self.see(who, question))
        with self.effect(who, question, before, f"{Decimal(before) + Decimal(by):.4f}"):
            yield

    @contextmanager
    def effect(
        self, who: str, question: str, before: Any, after: Any, *, anew: Anew | None = None, within: float = 0
    ) -> Iterator[None]:
        """What one type of paper does within changes what a question about another is answered, as foretold.

        `anew` is a step that is taken before each look, as a plan is calculated again; what refuses it is the answer.
        `within` is how many seconds the hub may take for what it does by and by.

        Raises:
            Astray: it was another value before, it is another one after, or papers of several types were written.
        """
        found = self._look(who, question, anew)
        if before is not ANYTHING and found != before:
            raise Astray(f"{question} is answered {found!r} before, not {before!r}")
        begun = len(self._done)
        yield
        types = {type_name for type_name, _ in self._done[begun:]}
        if len(types) != 1:
            raise Astray(f"an effect is that of one type of paper, not of {sorted(types)}")
        type_name, verb = self._done[-1]
        until = time.monotonic() + within
        while (now := self._look(who, question, anew)) != after and time.monotonic() < until:
            time.sleep(0.1)
        if now != after or now == found:
            raise Astray(f"{question} was answered {found!r} and then {now!r}, not {after!r}")
        self.proofs.append(Proof(type_name, verb, question, found, now))

    def _look(self, who: str, question: str, anew: Anew | None) -> Any:
        done = len(self._done)
        try:
            if anew is not None:
                self.steps(*anew)
        except Refusal as refusal:
            return refusal.codes
        finally:
            del self._done[done:]
        return self.see(who, question)


_PROBLEMS = "problems { code path message }"


def same(what: str, found: Any, wanted: Any) -> None:
    """Astray unless what was found is what was foretold."""
    if found != wanted:
        raise Astray(f"{what}: found\n  {found!r}\ninstead of\n  {wanted!r}")


def leaf(answer: Any) -> Any:
    """An answer without the names around it: single keys are taken off, in lists of every member."""
    if isinstance(answer, list):
        return [leaf(one) for one in answer]
    if isinstance(answer, dict) and len(answer) == 1:
        return leaf(next(iter(answer.values())))
    if isinstance(answer, dict):
        return {name: leaf(value) for name, value in answer.items()}
    return answer


def _literal(value: Any) -> str:
    """A value as GraphQL writes it; objects have bare keys."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_literal(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_literal(one) for one in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def words(question: str) -> set[str]:
    """The names that a question is made of, without what stands in quotes."""
    return set(re.findall(r"[A-Za-z_]\w*", re.sub(r'"[^"]*"', "", question)))
