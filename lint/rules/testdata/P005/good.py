assert (x > 0), "x must be positive"
assert (x > 0)
assert (
    x > 0 and
    y > 0
)
assert (1, 2) == pair
