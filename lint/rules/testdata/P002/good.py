try:
    work()
except Exception:
    pass

try:
    work()
except:
    undo()
    raise

try:
    work()
except:
    sys.exit(1)

text = """
except:
    pass
"""
# except: pass

try:
    work()
except KeyboardInterrupt:
    raise
except:
    pass

try:
    work()
except:
    failures.append(sys.exc_info())
