#!/bin/sh
printf '{"text":"\\u00e9\\/"}'
