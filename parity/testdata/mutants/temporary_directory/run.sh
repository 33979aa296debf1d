printf "{\"text\":\"$TMPDIR\"}"
