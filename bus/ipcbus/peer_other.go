//go:build !linux && !darwin

package ipcbus

import "os"

// credentials takes everybody for us: this system does not say.
func credentials(int) (uid, pid int, err error) { return os.Getuid(), 0, nil }
