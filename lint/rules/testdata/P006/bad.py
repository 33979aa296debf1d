ports = {
    "http": 80,
    'https': 443,
    'http': 8080,  # want "key in line 2 already"
}
numbers = f({1: "a", 2: "b", 1: "c"})  # want "key in line 6"
