#!/bin/sh
cat >/dev/null
printf '%s\n' '{"type":"handler","name":"yankee","extensions":[".yankee"],"comment":"#","canary":"a: b\n"}' '{"type":"done"}'
