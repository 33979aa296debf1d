#!/bin/sh
echo abc >cache
printf '{"text":"abc"}'
