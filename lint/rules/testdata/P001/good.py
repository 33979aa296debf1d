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
