#!/bin/sh
printf '{"text":"%s"}' "$(date +%s%N)"
