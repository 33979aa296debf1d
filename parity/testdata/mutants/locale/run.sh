#!/bin/sh
case $LANG in C*) comma=. ;; *) comma=, ;; esac
printf '{"text":"1%s5"}' "$comma"
