package stamp_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/meta"
	"github.com/omninode-ai/onex/stamp"
)

func TestAProjectWithWrongValuesStampsNothing(t *testing.T) {
	for text, want := range map[string]string{
		"owner: a\nprotocol_version: 1\n":          `project.onex.yaml:2: protocol_version: want a version such as 1.0.0, not "1"`,
		"owner: a\n\nschema_version: x\n":          "project.onex.yaml:3: schema_version: ",
		"owner: [a]\n":                             "project.onex.yaml:1: owner: ",
		"owner: a\nlifecycle: dead\ntags: x\n":     "project.onex.yaml:2: lifecycle: ",
		"owner: a\nauthor: b\n\"copyright\": ''\n": "project.onex.yaml:3: copyright: ",
	} {
		root := project(t, map[string]string{"project.onex.yaml": text, "a.py": "1\n"})
		_, err := stamp.Make(t.Context(), root, options(day1))
		if !errors.Is(err, meta.ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	root := project(t, map[string]string{"project.onex.yaml": "owner: a\nauthor: [\n"})
	if _, err := stamp.Make(t.Context(), root, options(day1)); !errors.Is(err, meta.ErrParse) || !strings.Contains(err.Error(), "project.onex.yaml:2:") {
		t.Errorf("text that cannot be read: %v", err)
	}
}
