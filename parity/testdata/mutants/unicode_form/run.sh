#!/bin/sh
printf '{"text":"e\314\201"}' # decomposed
