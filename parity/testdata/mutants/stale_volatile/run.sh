#!/bin/sh
printf '{"id":"%s","made":"%s"}' "$$" "$$"
