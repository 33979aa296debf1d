def f(x):
    if x: raise ValueError("no")  # want "ValueError carries no error code"
    raise Exception  # want "Exception carries"
