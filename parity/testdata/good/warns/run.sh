#!/bin/sh
printf '{"text":"abc"}'
exit 2
