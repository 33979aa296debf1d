package node_test

import (
	"errors"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/node"
)

const soundAcceptances = `accept:
  - example: zone/here
    path: zmq*
    differs: [result, events]
    reason: the zone is what it is about
`

func TestAcceptancesAreRead(t *testing.T) {
	got, err := node.ParseAcceptances([]byte(soundAcceptances))
	want := []node.Acceptance{{
		Example: "zone/here", Path: "zmq*", Differs: []string{"result", "events"}, Reason: "the zone is what it is about",
	}}
	if err != nil || cmp.Diff(want, got) != "" {
		t.Errorf("%v\n%s", err, cmp.Diff(want, got))
	}
}

func TestUnsoundAcceptancesAreRefusedByName(t *testing.T) {
	for _, tt := range []struct{ old, new, want string }{
		{"accept:", "accepted:", `unknown key "accepted"`},
		{"  - example: zone/here\n    path", "  - path", `2:5: missing key "example"`},
		{"    path: zmq*\n", "", `missing key "path"`},
		{"zmq*", "'zmq['", "is not a pattern of paths"},
		{"zmq*", "''", "is not a pattern of paths"},
		{"[result, events]", "[taste]", `"taste" is not one of`},
		{"    differs: [result, events]\n", "", `missing key "differs"`},
		{"    reason: the zone is what it is about\n", "", `missing key "reason"`},
		{"the zone is what it is about", "' '", "5:13: a reason is needed"},
		{"accept:\n", "accept:\n  - x\n", "2:5: "},
		{"accept:", "- [", "parity.yaml:"},
		{soundAcceptances, "", "parity.yaml:"},
	} {
		text := strings.Replace(soundAcceptances, tt.old, tt.new, 1)
		got, err := node.ParseAcceptances([]byte(text))
		if got != nil || !errors.Is(err, node.ErrAccept) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q for %q: %v, want %s", tt.new, tt.old, err, tt.want)
		}
	}
}

// FuzzParseAcceptances holds that what is accepted is complete and can be matched.
func FuzzParseAcceptances(f *testing.F) {
	f.Add([]byte(soundAcceptances))
	f.Add([]byte("accept: [{example: a, path: '*', differs: [], reason: b}]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		all, err := node.ParseAcceptances(data)
		if err != nil {
			if all != nil || !errors.Is(err, node.ErrAccept) {
				t.Fatalf("%v with %v", all, err)
			}
			return
		}
		for _, a := range all {
			if _, err := path.Match(a.Path, "memory"); err != nil || a.Path == "" || strings.TrimSpace(a.Reason) == "" {
				t.Errorf("%+v: %v", a, err)
			}
		}
	})
}
