def test_one():  # want "defined again in line 5"
    assert add(1, 1) == 2


def test_one():
    assert add(2, 2) == 4


class Tests:
    async def run(self):  # want "defined again"
        pass

    x = 1

    def run(self):
        pass
