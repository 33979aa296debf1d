package atomicfile_test

import (
	"errors"
	"io/fs"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/internal/atomicfile"
)

func TestReader(t *testing.T) {
	big := strings.Repeat("x", atomicfile.BufferSize+10)
	root := project(t, map[string]string{"a": "one", "empty": "", "d/b": "two", "big": big, "huge": big + big})
	if err := errors.Join(root.Symlink("a", "link"), root.Symlink("d", "linkdir"), root.Symlink("loop", "loop")); err != nil {
		t.Fatal(err)
	}
	socket, err := net.Listen("unix", filepath.Join(root.Name(), "socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	r, err := atomicfile.NewReader(root, atomicfile.BufferSize+10)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"a": "one", "empty": "", "d/b": "two", "big": big} {
		got, v, err := r.Read(name)
		if err != nil || string(got) != want {
			t.Errorf("Read(%s) = %.20q, %v", name, got, err)
		}
		if v != version(t, root, name) {
			t.Errorf("the version that Read(%s) returns is not that of the file", name)
		}
	}
	if got, v, err := r.Head("big", 3); string(got) != "xxx" || err != nil || v != version(t, root, "big") {
		t.Errorf("Head(big, 3) = %.20q, %v", got, err)
	}
	for name, want := range map[string]error{
		"huge": atomicfile.ErrTooLarge, "link": atomicfile.ErrSymlink, "linkdir/b": atomicfile.ErrSymlink,
		"loop": atomicfile.ErrSymlink, "d": atomicfile.ErrNotRegular, "none": fs.ErrNotExist, "socket": atomicfile.ErrNotRegular,
	} {
		if _, _, err := r.Read(name); !errors.Is(err, want) {
			t.Errorf("Read(%s) = %v, want %v", name, err, want)
		}
	}
	if _, _, err := r.Read("../x"); err == nil {
		t.Error("Read reads outside its root")
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}
