#!/bin/sh
printf '{"text":"%s"}' "$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')"
