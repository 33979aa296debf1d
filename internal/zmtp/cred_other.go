//go:build !linux

package zmtp

import "net"

// checkUser knows nothing here: the mode of the socket file is what keeps other
// users out.
func checkUser(net.Conn) error { return nil }
