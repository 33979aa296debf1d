package atomicfile

import (
	"errors"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

func TestOpenStepsFollowsNoLink(t *testing.T) {
	root, _ := fallbackRoot(t)
	if err := errors.Join(root.Symlink("stage", "link"), root.Symlink("a", "stage/link")); err != nil {
		t.Fatal(err)
	}
	dir, err := os.Open(root.Name())
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	for name, want := range map[string]error{
		"a": nil, "stage/0": nil, "link/0": unix.ENOTDIR, "stage/link": unix.ELOOP, "../x": unix.EXDEV, "stage/../../x": unix.EXDEV,
	} {
		fd, err := openSteps(int(dir.Fd()), name, unix.O_RDONLY)
		if !errors.Is(err, want) {
			t.Errorf("openSteps(%s) = %v, want %v", name, err, want)
		}
		if err == nil {
			unix.Close(fd)
		}
	}
}

func TestAttributesAreKept(t *testing.T) {
	root, _ := fallbackRoot(t)
	f, err := root.OpenFile("a", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := unix.Fsetxattr(int(f.Fd()), "user.onex.test", []byte("kept"), 0); err != nil {
		t.Skip("no user attributes on this file system:", err)
	}
	if err := Write(root, "a", []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 16)
	n, err := unix.Getxattr(root.Name()+"/a", "user.onex.test", got)
	if err != nil || string(got[:n]) != "kept" {
		t.Errorf("attribute = %q, %v", got[:max(n, 0)], err)
	}
}
