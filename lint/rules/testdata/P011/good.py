def read():
    try:
        return load()
    finally:
        for f in files:
            if f: break

        def later():
            return 1


text = "finally: return"
