class Basket:
    def __init__(self, items=[]):  # want "default of items"
        self.items = items

    def add(self, item):
        self.items.append(item)


def add(item, to=[]):  # want "default of to"
    to.append(item)


def count(word, seen={}):  # want "default of seen"
    seen[word] = seen.get(word, 0) + 1


def collect(*, found: set = set()):  # want "default of found"
    found |= {1}
    return found


class Tree:
    def walk(self, seen=[]):  # want "default of seen"
        seen.append(self)
        return seen[0]
