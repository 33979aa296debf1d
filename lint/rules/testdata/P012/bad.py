try:
    work()
except Exception:
    log()
except ValueError:  # want "ValueError never gets here"
    mend()

try:
    work()
except (OSError, ValueError) as err:
    log()
except (KeyError, FileNotFoundError):  # want "FileNotFoundError never gets here"
    mend()
