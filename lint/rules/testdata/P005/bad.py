assert (x > 0, "x must be positive")  # want "always true"
