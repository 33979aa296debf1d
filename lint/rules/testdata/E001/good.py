def f(x):
    if x: raise OnexError(Code.GONE, "no")
    try:
        g()
    except ValueError:
        raise
    text = "raise ValueError"
