#!/bin/sh
echo "reading the model"
printf '{"text":"abc"}'
