def read():
    try:
        return load()
    finally:
        return None  # want "return in finally"


def loop():
    for x in y:
        try:
            work(x)
        finally:
            if x: break  # want "break in finally"
