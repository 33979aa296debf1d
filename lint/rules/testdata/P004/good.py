import typing

if typing.TYPE_CHECKING:
    def load(): ...
else:
    def load(): pass


class Box:
    @property
    def value(self):
        return 1

    @value.setter
    def value(self, v):
        pass

    @typing.overload
    def get(self): ...

    def get(self, x=None):
        pass


def step():
    return 1


first = step


def step():
    return first() + 1


def one():
    def inner(): pass


def two():
    def inner(): pass


def deco(f): return f


@deco
def _(x): pass


try:
    def fast(): pass
except Exception:
    def fast(): pass
