raise ValueError("in a test")
