printf "{\"text\":\"ABC\"}"
