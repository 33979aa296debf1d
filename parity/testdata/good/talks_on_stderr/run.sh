#!/bin/sh
echo "reading the model" >&2
printf '{"text":"abc"}'
