#!/bin/sh
printf '{"text":"abc","debug":true}'
