package main

import _ "image/png"
