pattern = "\d+"  # want "is no escape"
name = f"{x}\.txt"  # want "is no escape"
data = b"\u00e4 \."  # want "is no escape"


def doc():
    """Draws \ and \_."""  # want "is no escape"
