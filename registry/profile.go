package registry

import "time"

// A Profile is a TTL for nodes that name none, chosen for where they are. A node
// beats [BeatsPerTTL] times per TTL.
type Profile string

// The profiles. A node is suspect after five sixths of its TTL in silence, and
// dead after all of it. A shorter TTL costs beats and forgives less; it is not
// needed to notice that a process on this machine ended, or a connection broke.
const (
	Local Profile = "local" // one machine: a beat each second, dead after 3 s
	LAN   Profile = "lan"   // one network: a beat each 2 s, dead after 6 s
	WAN   Profile = "wan"   // the world: a beat each 10 s, dead after 30 s
)

// Twice and ten times the default: what a round trip and a hiccup take there.
const (
	lanTTL = 6 * time.Second
	wanTTL = 30 * time.Second
)

// Profiles returns all of them, from short to long.
func Profiles() []Profile { return []Profile{Local, LAN, WAN} }

// TTL returns how long a node may be silent that names no TTL, DefaultTTL for an
// unknown profile.
func (p Profile) TTL() time.Duration {
	switch p {
	case LAN:
		return lanTTL
	case WAN:
		return wanTTL
	}
	return DefaultTTL
}
