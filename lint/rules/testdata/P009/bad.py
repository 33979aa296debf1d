import time
import datetime
import uuid


def log(text, at=time.time()):  # want "computed once"
    pass


def stamp(text, at: datetime.datetime = datetime.datetime.now()):  # want "computed once"
    pass


def make(id=uuid.uuid4()):  # want "computed once"
    pass
