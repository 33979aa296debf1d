import time


def log(text, clock=time.time):
    return clock()


def wait(until=None, pause=time.struct_time):
    at = time.time()
