package main

func g() { run("unit_converter") }
