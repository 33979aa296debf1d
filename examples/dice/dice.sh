#!/bin/sh
# An MCP server in the shell: one JSON-RPC message per line.
tools='{"tools":[{"name":"roll","description":"rolls a die","inputSchema":{"type":"object","properties":
	{"sides":{"type":"integer","minimum":2,"maximum":1000}},"additionalProperties":false},"outputSchema":
	{"type":"object","properties":{"rolled":{"type":"integer"}},"required":["rolled"]}}]}'
while IFS= read -r line; do
	id=${line#*\"id\":} id=${id%%[,\}]*}
	case $line in
	*'"method":"tools/list"'*) answer="\"result\":$(echo "$tools" | tr -d '\n')" ;;
	*'"method":"tools/call"'*)
		sides=${line#*\"sides\":} sides=${sides%%[!0-9]*}
		rolled=$(($(od -An -N2 -tu2 /dev/urandom) % ${sides:-6} + 1))
		answer="\"result\":{\"structuredContent\":{\"rolled\":$rolled}}" ;;
	*'"id":'*) answer='"error":{"code":-32601,"message":"method not found"}' ;;
	*) continue ;; # a notification
	esac
	printf '{"jsonrpc":"2.0","id":%s,%s}\n' "$id" "$answer"
done
