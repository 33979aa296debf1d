from typing import Protocol


class Handler(Protocol):
    def stamp(self): ...


class Data:
    name: str
