package app

import (
	"os"
	"testing"
)

func TestInMemory(t *testing.T) {
	if info, err := os.Stat("/dev/shm"); err != nil || !info.IsDir() {
		t.Skip("this system has no /dev/shm to look at")
	}
	if !inMemory("/dev/shm") {
		t.Error("/dev/shm counts as a disk")
	}
	if inMemory("/proc/self") {
		t.Error("/proc counts as memory that is lost")
	}
	if inMemory("/does/not/exist") {
		t.Error("what does not exist counts as memory")
	}
}
