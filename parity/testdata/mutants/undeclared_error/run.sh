#!/bin/sh
printf '{"code":"SURPRISE","message":"nobody said so"}'
exit 1
