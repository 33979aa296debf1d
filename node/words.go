package node

import "slices"

// Statuses returns all statuses of nodes in the registry.
func Statuses() []Status { return []Status{Unverified, Online, Suspect, Dead, Stopped} }

// Values returns [Statuses] as text, for schemas.
func (Status) Values() []string { return spelled(Statuses()) }

// ParseStatus reads a status, exactly as it is written.
func ParseStatus(s string) (Status, error) { return parseWord("status", s, Statuses()) }

// Trusts returns all levels of trust, lowest first.
func Trusts() []Trust { return []Trust{Untrusted, Trusted, Verified} }

// Values returns [Trusts] as text, for schemas.
func (Trust) Values() []string { return spelled(Trusts()) }

// ParseTrust reads a level of trust.
func ParseTrust(s string) (Trust, error) { return parseWord("trust", s, Trusts()) }

// Runtimes returns all runtimes.
func Runtimes() []Runtime { return []Runtime{Go, Exec, MCP} }

// Values returns [Runtimes] as text, for schemas.
func (Runtime) Values() []string { return spelled(Runtimes()) }

// ParseRuntime reads a runtime.
func ParseRuntime(s string) (Runtime, error) { return parseWord("runtime", s, Runtimes()) }

// Results returns all results, the best first.
func Results() []Result {
	return []Result{Success, Fixed, Info, Skipped, Warning, Partial, Failed, Unknown}
}

// Values returns [Results] as text, for schemas.
func (Result) Values() []string { return spelled(Results()) }

// ParseResult reads a result; "failure" reads as [Failed].
func ParseResult(s string) (Result, error) {
	if s == "failure" {
		return Failed, nil
	}
	return parseWord("result", s, Results())
}

// Effects returns all effects.
func Effects() []Effect { return []Effect{ReadsFiles, WritesFiles, Network, Processes, Events} }

// Values returns [Effects] as text, for schemas.
func (Effect) Values() []string { return spelled(Effects()) }

// Idempotencies returns all kinds of idempotency.
func Idempotencies() []Idempotency { return []Idempotency{None, Keyed, Pure} }

// Values returns [Idempotencies] as text, for schemas.
func (Idempotency) Values() []string { return spelled(Idempotencies()) }

func parseWord[W ~string](what, s string, all []W) (W, error) {
	if !slices.Contains(all, W(s)) {
		return "", ErrWord.With("%s %s is not one of %s", what, quote(s), oneOf(all))
	}
	return W(s), nil
}

func spelled[W ~string](words []W) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = string(w)
	}
	return out
}
