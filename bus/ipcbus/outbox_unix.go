//go:build unix

package ipcbus

import "syscall"

// tryWrite writes as much as the system takes at once.
func (o *outbox) tryWrite(data []byte) (int, error) {
	a := &o.attempt
	a.data, a.n, a.err = data, 0, nil
	err := o.raw.Write(a.do)
	a.data = nil
	if err == nil {
		err = a.err
	}
	return a.n, err
}

// write is called with the descriptor. It returns true: it never waits.
func (a *attempt) write(fd uintptr) bool {
	for a.n < len(a.data) {
		n, err := syscall.Write(int(fd), a.data[a.n:])
		switch err {
		case nil:
			a.n += n
		case syscall.EINTR:
		case syscall.EAGAIN:
			return true
		default:
			a.err = err
			return true
		}
	}
	return true
}
