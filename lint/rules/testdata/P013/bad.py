__all__ = [
    "load",
    "store",  # want "which the module does not have"
]


def load():
    pass
