#!/usr/bin/awk -f
{ gsub(/"text"/, "\"text\""); print }
