if mode is None or mode is True or mode is not other:
    pass
text = "x is 'fast'"
if mode == "fast":  # mode is "fast"
    pass
