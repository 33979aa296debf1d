#!/bin/sh
rm -f notes.txt
printf '{"text":"abc"}'
