try:
    work()
except:  # want "KeyboardInterrupt"
    pass

try:
    work()
except: pass  # want "KeyboardInterrupt"
