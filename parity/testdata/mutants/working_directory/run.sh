#!/bin/sh
printf '{"text":"%s"}' "$PWD"
