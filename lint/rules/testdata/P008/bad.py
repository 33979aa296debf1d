name = path.rstrip(".py")  # want "set of characters"
host = url.lstrip("http://")  # want "set of characters"
rest = text.strip("success")  # want "set of characters"
