//go:build !linux

package app

// inMemory cannot be asked here in one way; data directories of other systems
// are on disk by default.
func inMemory(string) bool { return false }
