#!/bin/sh
printf '{"code":"TOO_LONG","message":"the text is too long"}'
exit 1
