package p

import "strings"

func base(name string) string {
	return strings.TrimSuffix(strings.Trim(strings.TrimRight(name, "/"), " \t\r\n"), ".go") + strings.TrimLeft(name, "0123456789")
}
