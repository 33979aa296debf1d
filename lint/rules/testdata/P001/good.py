def total(items=[]):
    return sum(items)


def copied(items=[]):
    items = list(items)
    items.append(1)
    return items


def or_new(items={}):
    for items in [items]:
        items["a"] = 1


def pair(both=(1, 2)):
    return both


def attribute(self, items=[]):
    self.items.append(3)


class Frozen:
    def __init__(self, items=[]):
        self.items = items

    def more(self, item):
        return Frozen([*self.items, item])


def cached(word, _seen={}, word_cache={}):
    _seen[word] = 1
    word_cache[word] = 2


def page(lines):
    def reader(count=[0]):
        count[0] += 1
        return lines[count[0]]
    return reader


def version(known=[]):
    try:
        return known[0]
    except IndexError:
        known.append(ask())
        return known[0]
