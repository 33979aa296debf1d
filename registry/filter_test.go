package registry_test

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry"
)

func TestSelect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		defer w.close()
		for n, version := range []string{"1.0.0", "1.5.0", "2.0.0"} {
			a := greeter(n + 1)
			a.Manifest.Version, a.Contract.Version = version, version
			if n == 1 {
				a.Manifest.Tags = []string{"demo"}
			}
			w.join(a)
		}
		for name, tt := range map[string]struct {
			f    registry.Filter
			want []string
		}{
			"all":       {registry.Filter{}, []string{"1.0.0", "1.5.0", "2.0.0"}},
			"versions":  {registry.Filter{Versions: "^1.1"}, []string{"1.5.0"}},
			"name":      {registry.Filter{Names: []string{"greeter@2.0.0"}}, []string{"2.0.0"}},
			"tool":      {registry.Filter{Tool: "greet", Versions: "<2"}, []string{"1.0.0", "1.5.0"}},
			"no tool":   {registry.Filter{Tool: "shout"}, nil},
			"status":    {registry.Filter{Statuses: []node.Status{node.Dead}}, nil},
			"trust":     {registry.Filter{Trust: node.Trusted}, nil},
			"untrusted": {registry.Filter{Trust: node.Untrusted, Versions: "2.x"}, []string{"2.0.0"}},
			"tag":       {registry.Filter{Tag: "demo"}, []string{"1.5.0"}},
		} {
			entries, err := w.client.Select(w.ctx, tt.f)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			var got []string
			for _, e := range entries {
				got = append(got, e.Version)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s:\n%s", name, diff)
			}
		}
		if _, err := w.client.Select(w.ctx, registry.Filter{Versions: "newest"}); !errors.Is(err, registry.ErrFilter) {
			t.Errorf("got %v", err)
		}
	})
}
