#!/bin/sh
# Arguments are JSON on standard input, the result goes to standard output.
text=$(tr '\n' ' ' | sed 's/.*"text" *: *"\([^"]*\)".*/\1/')
printf '{"text":"%s!"}\n' "$(printf %s "$text" | tr '[:lower:]' '[:upper:]')"
