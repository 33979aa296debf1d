package filetype_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/filetype"
)

// handler claims .x, the file name X and the interpreter x.
func handler(name string, source filetype.Source, priority filetype.Priority) filetype.Handler {
	return filetype.Handler{Source: source, Priority: priority, Type: filetype.Type{
		Name: name, Comment: filetype.LineComment("#"), Extensions: []string{".x", "." + name}, Filenames: []string{"X"}, Interpreters: []string{"x"},
	}}
}

func override(h filetype.Handler) filetype.Handler { h.Override = true; return h }

func TestResolveByPriority(t *testing.T) {
	high, low := handler("high", filetype.Core, 100), handler("low", filetype.Plugin, 0)
	for name, tt := range map[string]struct {
		handlers []filetype.Handler
		want     string // who has .x, and over whom
	}{
		"alone":                              {[]filetype.Handler{low}, "low"},
		"the higher comes first":             {[]filetype.Handler{high, low}, "high over low"},
		"the higher comes later":             {[]filetype.Handler{low, high}, "high over low"},
		"equals: the first keeps it":         {[]filetype.Handler{low, handler("other", filetype.Plugin, 0)}, "low over other"},
		"the lower overrides":                {[]filetype.Handler{high, override(low)}, "low over high"},
		"the last that overrides":            {[]filetype.Handler{high, override(low), override(handler("last", filetype.Core, 100))}, "last over high,low"},
		"a node's own type cannot by itself": {[]filetype.Handler{high, handler("own", filetype.NodeLocal, 10)}, "high over own"},
		"the order of sources does not count": {[]filetype.Handler{
			handler("p", filetype.Plugin, filetype.Plugin.Priority()), handler("n", filetype.NodeLocal, filetype.NodeLocal.Priority()),
			handler("t", filetype.Test, filetype.Test.Priority()), handler("r", filetype.Runtime, filetype.Runtime.Priority()), handler("c", filetype.Core, filetype.Core.Priority()),
		}, "c over p,t,n,r"},
	} {
		set, claims, err := filetype.Resolve(tt.handlers...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, c := range claims {
			if !slices.Contains([]string{"extension:.x", "special:X", "interpreter:x"}, c.ID()) {
				continue
			}
			if got := describe(c); got != tt.want {
				t.Errorf("%s: %s is of %s, want %s", name, c.ID(), got, tt.want)
			}
			for path, head := range map[string]string{"a.x": "", "X": "", "run": "#!/bin/x\n"} {
				if typ, ok := set.Find(path, []byte(head)); !ok || typ.Name != c.Type.Name {
					t.Errorf("%s: %s is found as %v, want %s", name, path, typ, c.Type.Name)
				}
			}
		}
	}
}

func describe(c filetype.Claim) string {
	var over []string
	for _, h := range c.Over {
		over = append(over, h.Type.Name)
	}
	if over == nil {
		return c.Type.Name
	}
	return fmt.Sprintf("%s over %s", c.Type.Name, strings.Join(over, ","))
}

func TestATypeWhoseNameOrFilesAreTakenIsGone(t *testing.T) {
	mine := override(handler("python", filetype.NodeLocal, 10))
	set, _, err := filetype.Resolve(append(filetype.CoreHandlers(), mine)...)
	if err != nil {
		t.Fatal(err)
	}
	if typ, ok := set.Find("a.py", nil); ok {
		t.Errorf("a.py is still %s", typ.Name)
	}
	goes := override(filetype.Handler{Source: filetype.NodeLocal, Type: filetype.Type{Name: "mine", Comment: filetype.LineComment("#"), Extensions: []string{".go"}}})
	if set, _, err = filetype.Resolve(append(filetype.CoreHandlers(), goes)...); err != nil {
		t.Fatal(err)
	}
	if _, ok := set.Named("go"); ok {
		t.Error("go is still there, and no file is left to it")
	}
}

func TestLostNamesWhatAPersonCanDo(t *testing.T) {
	_, claims, err := filetype.Resolve(append(filetype.CoreHandlers(), filetype.Handler{
		Source: filetype.NodeLocal, Priority: 10, Type: filetype.Type{Name: "mine", Comment: filetype.LineComment("#"), Extensions: []string{".py"}}})...)
	if err != nil {
		t.Fatal(err)
	}
	err = filetype.Lost(claims, filetype.NodeLocal)
	if hint := fault.ReportOf(err).Hint; !errors.Is(err, filetype.ErrOverlap) || !strings.Contains(hint, "override: true") {
		t.Errorf("%v, hint %q", err, hint)
	}
	if err := filetype.Lost(claims, filetype.Plugin); err != nil {
		t.Errorf("a plugin lost nothing: %v", err)
	}
}

func TestPrioritiesOfTheSources(t *testing.T) {
	var got []string
	for _, s := range filetype.Sources() {
		got = append(got, fmt.Sprintf("%s %d", s, s.Priority()))
	}
	if want := "core 100, runtime 50, node-local 10, plugin 0, test 5"; strings.Join(got, ", ") != want {
		t.Errorf("%v, want %s", got, want)
	}
}
