//go:build !windows && (!unix || aix || solaris)

package atomicfile

import (
	"errors"
	"os"
)

func lock(*os.File) error { return errors.ErrUnsupported }
