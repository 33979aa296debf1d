class Base:
    def run(self):
        raise NotImplemented  # want "TypeError"

    def stop(self):
        raise NotImplemented("later")  # want "TypeError"
