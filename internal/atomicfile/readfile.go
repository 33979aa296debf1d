package atomicfile

import "os"

// MaxFile bounds what ReadFile reads, in bytes: what people write by hand is far smaller.
const MaxFile = 16 << 20

// ReadFile reads a whole file that a program needs to go on, such as a manifest. What is
// no regular file is [ErrNotRegular] at once: a pipe nobody writes to would hold up its
// reader for ever. What is larger than MaxFile is [ErrTooLarge]. Other errors are those
// of [os.ReadFile].
func ReadFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil: // reading says why
	case !info.Mode().IsRegular():
		return nil, ErrNotRegular.With("%s", path)
	case info.Size() > MaxFile:
		return nil, ErrTooLarge.With("%s has %d bytes, at most %d", path, info.Size(), MaxFile)
	}
	return os.ReadFile(path)
}
