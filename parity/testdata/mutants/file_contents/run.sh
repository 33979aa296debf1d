#!/bin/sh
date >cache
printf '{"text":"abc"}'
