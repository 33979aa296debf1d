if mode is "fast":  # want "same object"
    pass
if count is not 10 and mode:  # want "same object"
    pass
if count is -1:  # want "same object"
    pass
