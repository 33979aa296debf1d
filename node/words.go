package node

import "slices"

// Statuses returns all statuses of nodes in the registry.
func Statuses() []Status { return []Status{Unverified, Online, Suspect, Dead, Stopped} }

// ParseStatus reads a status, exactly as it is written.
func ParseStatus(s string) (Status, error) { return parseWord("status", s, Statuses()) }

// Trusts returns all levels of trust, lowest first.
func Trusts() []Trust { return []Trust{Untrusted, Trusted, Verified} }

// ParseTrust reads a level of trust.
func ParseTrust(s string) (Trust, error) { return parseWord("trust", s, Trusts()) }

// Runtimes returns all runtimes.
func Runtimes() []Runtime { return []Runtime{Go, Exec, MCP} }

// ParseRuntime reads a runtime.
func ParseRuntime(s string) (Runtime, error) { return parseWord("runtime", s, Runtimes()) }

// Results returns all results, the best first.
func Results() []Result {
	return []Result{Success, Fixed, Info, Skipped, Warning, Partial, Failed, Unknown}
}

// ParseResult reads a result; "failure" reads as [Failed].
func ParseResult(s string) (Result, error) {
	if s == "failure" {
		return Failed, nil
	}
	return parseWord("result", s, Results())
}

// Effects returns all effects.
func Effects() []Effect { return []Effect{ReadsFiles, WritesFiles, Network, Processes, Events} }

// Idempotencies returns all kinds of idempotency.
func Idempotencies() []Idempotency { return []Idempotency{None, Keyed, Pure} }

func parseWord[W ~string](what, s string, all []W) (W, error) {
	if !slices.Contains(all, W(s)) {
		return "", ErrWord.With("%s %s is not one of %s", what, quote(s), oneOf(all))
	}
	return W(s), nil
}
