#!/bin/sh
printf '{"text":"'
head -c 100000 /dev/zero | tr '\0' x
printf '"}'
