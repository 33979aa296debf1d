#!/bin/sh
# A node with two tools; ONEX_TOOL says which one is called. The arguments are
# JSON on standard input, the result goes to standard output.
text=$(tr '\n' ' ' | sed 's/.*"text" *: *"\([^"]*\)".*/\1/')

case $ONEX_TOOL in
shout)
	printf '{"text":"%s!"}\n' "$(printf %s "$text" | tr '[:lower:]' '[:upper:]')"
	;;
count)
	[ -n "$text" ] || exit 4 # skipped: there is nothing to count
	printf '{"characters":%d}\n' "${#text}"
	;;
esac
