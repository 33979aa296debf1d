package stamp_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/stamp"
)

func TestEveryStandardTypeSurvivesItsCanary(t *testing.T) {
	for _, typ := range filetype.Standard().Types() {
		set, err := filetype.NewSet(*typ)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := stamp.Canary(set, nil); err != nil {
			t.Error(err)
		}
	}
}

// drifting moves the place of the block with every block that is written.
var drifting = filetype.Rule{Name: "drifting", Match: func(src []byte, at int) int {
	if i := strings.Index(string(src), "# hash:"); i >= 0 {
		return strings.LastIndexByte(string(src), '\n') + 1
	}
	return at
}}

func TestABrokenTypeStopsTheBatch(t *testing.T) {
	for name, tt := range map[string]struct {
		typ    filetype.Type
		sample map[string]stamp.Sample
		want   string
	}{
		"drifting": {
			filetype.Type{Name: "broken", Extensions: []string{".broken"}, Comment: filetype.Comment{Before: "# ", Line: "# "}, Head: []filetype.Rule{drifting}},
			map[string]stamp.Sample{"broken": {Path: "x.broken", Text: "a\nb\n"}}, "broken",
		},
		"no sample": {
			filetype.Type{Name: "broken", Extensions: []string{".broken"}, Comment: filetype.Comment{Before: "# ", Line: "# "}},
			nil, "a file type has no canary: broken",
		},
		"sample of another type": {
			filetype.Type{Name: "broken", Extensions: []string{".broken"}, Comment: filetype.Comment{Before: "# ", Line: "# "}},
			map[string]stamp.Sample{"broken": {Path: "x.py"}}, "not taken for",
		},
		"not a comment": {
			filetype.Type{Name: "go", Extensions: []string{".go"}, Comment: filetype.Comment{Before: "# ", Line: "# "}},
			nil, "go: ",
		},
		"no comment in yaml": {
			filetype.Type{Name: "yaml", Extensions: []string{".yaml"}, Comment: filetype.Comment{Before: "--- ", Line: "", After: " ..."}},
			nil, "yaml: ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			types, err := filetype.NewSet(tt.typ)
			if err != nil {
				t.Fatal(err)
			}
			root := project(t, map[string]string{"a" + tt.typ.Extensions[0]: "a: 1\n"})
			before := contents(t, root)
			o := options(day1)
			o.Types, o.Samples = types, tt.sample
			p := mustMake(t, root, o)
			_, err = p.Apply(t.Context())
			if p.Count(stamp.Add) == 0 { // the plan saw it already
				_, err = stamp.Canary(types, tt.sample)
			}
			if !errors.Is(err, stamp.ErrCanary) && !errors.Is(err, stamp.ErrNoCanary) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Apply = %v, want a canary that says %q", err, tt.want)
			}
			if got := fault.ReportOf(err); got.Hint == "" || got.Details["type"] != tt.typ.Name {
				t.Errorf("report: %+v", got)
			}
			if diff := cmp.Diff(before, contents(t, root)); diff != "" {
				t.Errorf("a file was touched (-before +after):\n%s", diff)
			}
		})
	}
}
