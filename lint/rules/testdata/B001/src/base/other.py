x = "from app import run"
