// Package process tells one process of this machine from another and notices at
// once when one ends, without being its parent.
//
//	w := process.NewWatcher(nil)
//	defer w.Close()
//	stop, err := w.Watch(announce.Process, func() { log.Print("gone") })
//
// A node says which process it is with [Self]; the registry, in another process
// of the same machine, watches it. A process is named by three things together:
// the machine since its last boot and the process namespace (Host), the number
// (PID), and the time at which it started (Started). A number that the system
// has given to a new process is therefore never taken for the old one.
//
// On Linux a watch is a pidfd (pidfd_open(2), Linux 5.3): the kernel reports the
// end of a process the moment it happens, kill -9 and zombies included, and
// nothing polls. Other systems have no watch here: [Watcher.Watch] says
// [ErrUnsupported] and the caller is left with what it can hear from the process,
// in the registry's case its heartbeats. The same holds for processes of other
// machines and of other process namespaces (containers), [ErrElsewhere].
//
// All watches of one process share one descriptor and one goroutine, at most
// [DefaultLimit] of each. Everything may be called from any goroutine.
//
// To test against it, start a child process and kill it; see this package's own
// tests.
package process
