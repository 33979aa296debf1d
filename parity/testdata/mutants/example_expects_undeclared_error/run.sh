#!/bin/sh
printf '{}'
