#!/usr/bin/perl
use strict;
local $/;
my ($text) = <STDIN> =~ /"text":\s*"([a-z]*)"/;
printf '{"text":"%s"}', scalar reverse $text;
