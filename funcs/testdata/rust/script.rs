#!/usr/bin/env run
fn a() {}
