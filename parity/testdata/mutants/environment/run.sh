#!/bin/sh
printf '{"text":"%s"}' "${TMPDIR:-/tmp}"
