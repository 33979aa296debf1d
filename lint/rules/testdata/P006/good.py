ports = {"http": 80, "https": 443, b"http": 8080}
names = {"a", "b", "a"}
nested = {"a": {"b": 1}, "b": {"b": 2}}
formatted = {f"{x}": 1, f"{x}": 2}
computed = {"a" + x: 1, "a" + y: 2}
sliced = rows["a":"b"]
same = {"a": f(1), "a": f(1)}
