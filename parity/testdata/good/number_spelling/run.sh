#!/bin/sh
printf '{"a":1.0,"b":1e2,"c":0.30,"d":-0}'
