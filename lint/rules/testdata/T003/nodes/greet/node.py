def greet(name) -> str:  # want "parameter name of greet"
    return name


def plain(name: str):  # want "the result of plain"
    pass


def fine(name: str, *, loud: bool = False) -> str:
    def inner(x): pass


def _own(x): pass
