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
