#!/bin/sh
printf '{"text":"abc"}'
