try:
    work()
except ValueError:
    mend()
except (OSError, KeyError):
    try:
        other()
    except KeyError:
        pass
except Exception:
    log()

try:
    work()
except Exception:
    log()

try:
    work()
except ValueError:
    mend()
except KeyboardInterrupt:
    pass
