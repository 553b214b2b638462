"""What an attack is, and the generator that makes attacks out of a command's true exchanges. The kinds are in kinds.py.

An attack alters one answer (the first of its shape), or all of them where it says so (`sticky`)."""
import dataclasses

import hostile
import kinds

MOST_MEMBERS = 30


@dataclasses.dataclass
class Attack:
    command: str
    shape: str  # of the request whose answer is altered
    service: str
    kind: str
    label: str
    alter: object  # (request, answer, server) -> Answer, or None: this one is not fit
    instead: bool = False  # the real service is not asked
    sticky: bool = False
    everywhere: bool = False  # every answer of the service
    may_wait: bool = False  # it asks for time; being interrupted is then an end
    heavy: bool = False  # as much as a very large tenant: takes more time and memory
    ends_session: bool = False  # the client cannot know better than to store what it is given

    def concerns(self, request):
        if self.everywhere:
            return request.service == self.service
        return request.shape == self.shape or (self.sticky and request.place == self.shape.partition(" ?")[0])

    @property
    def name(self):
        return f"{self.command} | {self.shape} | {self.kind} | {self.label}"


def members(tree, path=()):
    """Every member with its path; of lists the first item only."""
    if isinstance(tree, dict):
        for name, value in tree.items():
            yield path + (name,), value
            yield from members(value, path + (name,))
    elif isinstance(tree, list):
        for value in tree[:1]:
            yield path + (0,), value
            yield from members(value, path + (0,))


class Target:
    """An answer to be altered, as the true run showed it."""

    def __init__(self, exchange, command):
        self.command, self.request, self.answer, self.known = command, exchange.request, exchange.answer, exchange.known
        self.service, self.home, self.path = self.request.service, self.request.server_name, self.request.target
        self.tree = self.answer.json()
        self.members = list(members(self.tree))[:MOST_MEMBERS]
        self.texts = [(where, value) for where, value in self.members if isinstance(value, str)]

    @property
    def list_name(self):
        """Where a list answer keeps its items; None if it is no list."""
        return list_name(self.tree)

    def attack(self, kind, label, alter, **more):
        if self.command.startswith("setup") and kind != "list without end":
            more["may_wait"] = True  # until a change is seen everywhere
        return Attack(self.command, self.request.shape, self.service, kind, label, alter, **more)


def list_name(tree):
    return next((name for name in ("value", "items") if isinstance(tree, dict) and isinstance(tree.get(name), list)), None)


def with_member(answer, path, value):
    """`value`: Ellipsis leaves the member out; a function is given the old one. None if the answer has no such place."""
    tree = answer.json()
    inside = tree
    try:
        for step in path[:-1]:
            inside = inside[step]
        if value is Ellipsis:
            del inside[path[-1]]
        elif isinstance(inside, list):
            inside[path[-1]] = value(inside[path[-1]]) if callable(value) else value
        else:
            inside[path[-1]] = value(inside.get(path[-1])) if callable(value) else value
    except (KeyError, IndexError, TypeError, AttributeError):
        return None
    return answer.with_body(hostile.with_bad_utf8(tree))


def setting(path, value):
    return lambda request, answer, server: with_member(answer, path, value)


def with_header(name, value, status=None):
    def alter(request, answer, server):
        return dataclasses.replace(answer, status=status or answer.status).with_header(name, value)
    return alter


def make(exchange, command, first):
    """The attacks on one exchange. `first`: no command before had it."""
    target = Target(exchange, command)
    for kind, (_, generate) in kinds.KINDS.items():
        if first or not kind.startswith("echo"):
            yield from generate(target, kind)
