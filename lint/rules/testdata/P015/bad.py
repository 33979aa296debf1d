def test_total():
    total([1, 2]) == 3  # want "nobody uses"


count == 3  # want "nobody uses"
