//go:build unix

package stamp

// lockName is the root itself.
const lockName = "."
