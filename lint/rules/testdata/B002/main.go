package main

func f() { run("unit_converter") } // want "is the node"
