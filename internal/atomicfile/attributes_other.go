//go:build !linux

package atomicfile

import "os"

func keepAttributes(f, old *os.File) {}
