#!/bin/sh
printf '{"text":null}'
