#!/bin/sh
printf '{ "z": 1, "a": {"y": 2, "b": 3} }\n\n'
