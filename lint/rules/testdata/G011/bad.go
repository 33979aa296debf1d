package p

import "strings"

func base(name string) string { return strings.TrimRight(name, ".go") } // want "set of characters"

func host(url string) string { return strings.TrimLeft(url, "https://") } // want "set of characters"
