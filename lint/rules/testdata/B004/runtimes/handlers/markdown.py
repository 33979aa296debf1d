class MarkdownHandler:
    def stamp(self):
        pass
