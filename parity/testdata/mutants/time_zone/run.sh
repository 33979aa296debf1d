#!/bin/sh
printf '{"text":"%s"}' "$(date -d @1700000000 +%H:%M)"
