class MarkdownHandler:  # want "class MarkdownHandler is an implementation"
    def stamp(self):
        pass
