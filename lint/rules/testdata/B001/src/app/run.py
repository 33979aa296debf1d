from base.model import x
