#!/bin/sh
sleep 5
printf '{"text":"abc"}'
