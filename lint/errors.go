package lint

import "github.com/omninode-ai/onex/fault"

// The errors of a run.
var (
	// ErrRule is returned for a list of rules that cannot be run: two share a name,
	// or one lacks its documentation. It is a mistake in a rule, perhaps of a plugin.
	ErrRule = fault.New("ONEX_LINT_001_INVALID_RULE", fault.Invalid, "rule cannot be used").
		Hinted("mend the rule: docs/lint.md says what one has")

	// ErrNoRule is returned when a rule is asked for that there is not.
	ErrNoRule = fault.New("ONEX_LINT_002_UNKNOWN_RULE", fault.NotFound, "unknown rule").
			Hinted("onex lint --list shows all rules")

	// ErrNothing is returned when a run would look at no file, or apply no rule: that
	// is no success. Name files that there are, or skip fewer rules.
	ErrNothing = fault.New("ONEX_LINT_003_NOTHING_CHECKED", fault.Invalid, "nothing was checked").
			Hinted("onex lint --list shows the rules and which files each looks at")

	// ErrConfig is returned when the key lint of onex.yaml, or the list of exceptions,
	// cannot be read. The message names the line.
	ErrConfig = fault.New("ONEX_LINT_004_INVALID_CONFIGURATION", fault.Invalid, "invalid configuration of lint").
			Hinted("docs/lint.md shows what can be configured")

	// ErrFix is returned when fixes contradict each other or leave a file that cannot
	// be read. No file was changed.
	ErrFix = fault.New("ONEX_LINT_005_FIX_REFUSED", fault.Conflict, "fixes were not applied").
		Hinted("no file was changed; mend by hand, or run onex lint --fix --only RULE")

	// ErrRead is returned when a file cannot be read or written.
	ErrRead = fault.New("ONEX_LINT_006_UNREADABLE_FILE", fault.Unavailable, "file cannot be read")
)
