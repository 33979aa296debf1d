//go:build !unix

package atomicfile

import (
	"io/fs"
	"os"
)

func identity(fs.FileInfo) (device, inode uint64, linked bool) { return 0, 0, false }

func keepOwner(*os.File, fs.FileInfo) {}
