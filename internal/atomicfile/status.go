package atomicfile

import "io/fs"

// A Status is what the system says of a name: what git's index keeps of a file,
// to notice that it changed without reading it.
type Status struct {
	Size int64
	Mode fs.FileMode // type and permissions

	Modified int64 // when the content was last written, nanoseconds since 1970
	Exact    bool  // the fields below are known

	Changed     int64 // when anything of the file last changed, nanoseconds since 1970
	Inode       uint64
	User, Group uint32
}
