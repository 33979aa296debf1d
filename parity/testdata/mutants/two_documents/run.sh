#!/bin/sh
printf '{"text":"abc"}{"text":"abc"}'
