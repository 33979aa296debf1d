#!/bin/sh
printf '{"text":3}'
