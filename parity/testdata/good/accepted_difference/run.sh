printf "{\"text\":\"$TZ\"}"
