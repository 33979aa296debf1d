def test_total():
    assert total([1, 2]) == 3
    same = a == b
    with pytest.raises(TypeError):
        a == b
    check(a == b)
    print(a == b)
    return a == b


[x for x in y if x == 1]
found = x if a == b else y
a == b and stop()
query[a == b] = 3
rows.filter(name == "x")
