//go:build !unix

package stamp

const lockName = lockOutsideGit
