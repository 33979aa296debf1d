package stamp_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/stamp"
)

func TestConfigSaysWhereItIsWrong(t *testing.T) {
	const zig = "types:\n  zig:\n    extensions: [.zig]\n    comment: \"//\"\n    canary: x.zig\n"
	for name, tt := range map[string]struct{ text, want string }{
		"no mapping":          {"- a\n", ":1: a mapping of settings is expected"},
		"form twice":          {"form: full\nform: full\n", ":2: form is set twice"},
		"form is a list":      {"form: [full]\n", ":1: form: full, compact, detached, or a mapping"},
		"unknown form":        {"form: thin\n", `:1: form: "thin" is not one of`},
		"pattern excludes":    {"form:\n  \"!a\": full\n", `:2: form: "!a" is not a pattern`},
		"types is a list":     {"types: []\n", ":1: types: a mapping of names"},
		"unknown key":         {"types:\n  zig:\n    extension: .zig\n", ":3: types.zig.extension: unknown key"},
		"no names":            {"types:\n  zig:\n    comment: \"#\"\n    canary: x\n", ":2: types.zig: has neither"},
		"no comment":          {"types:\n  zig:\n    extensions: .zig\n    canary: x\n", ":2: types.zig: has no comment"},
		"three signs":         {"types:\n  zig:\n    comment: [a, b, c]\n", ":3: types.zig.comment: a sign such as"},
		"long sign":           {"types:\n  zig:\n    comment: ##################\n", ":3: types.zig.comment:"},
		"unknown model":       {"types:\n  zig:\n    like: zag\n", `:3: types.zig.like: there is no file type "zag"`},
		"unknown rule":        {"types:\n  zig:\n    first: [x]\n", `:3: types.zig.first: "x" is no rule; want {lines: "text"} or one of: <?php, @charset`},
		"first is no list":    {"types:\n  zig:\n    first: x\n", ":3: types.zig.first: a list is expected"},
		"canary elsewhere":    {strings.Replace(zig, "x.zig", "../x.zig", 1), `:2: types.zig.canary: "../x.zig" is not a path below the project`},
		"extension taken":     {strings.Replace(zig, ".zig", ".py", 1), `extension ".py" is claimed by python and zig`},
		"extension uppercase": {strings.Replace(zig, ".zig", ".ZIG", 1), `want a dot and lower case`},
		"name taken":          {strings.Replace(zig, "zig:", "go:", 1), `name "go" is claimed`},
		"no yaml":             {"form: [\n", "invalid configuration: onex.yaml"},
	} {
		_, err := stamp.ParseConfig("onex.yaml", []byte(tt.text))
		if !errors.Is(err, stamp.ErrConfig) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", name, err, tt.want)
		}
	}
	if _, err := stamp.ParseConfig("onex.yaml", []byte(strings.Replace(zig, "    canary: x.zig\n", "", 1))); !errors.Is(err, stamp.ErrNoCanary) {
		t.Errorf("without a canary: %v", err)
	}
	for _, fine := range []string{"", "bus: x\n", zig, "form:\n  \"*\": full\n  docs/: compact\n"} {
		if _, err := stamp.ParseConfig("onex.yaml", []byte(fine)); err != nil {
			t.Errorf("%q: %v", fine, err)
		}
	}
}
