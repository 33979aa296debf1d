package app_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/registry/lease"
)

func TestPortsOfTheConfiguration(t *testing.T) {
	cfg, err := app.Load(projectWith(t, "ports:\n  range: 21000-21999\n  ttl_ms: 5000\n  per_requester: 3\n  purposes:\n    web: {range: 8000-8001, max: 1}\n"), env(), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := lease.Policy{
		Default:  lease.Purpose{Range: lease.Range{First: 21000, Last: 21999}, TTL: 5 * time.Second, PerRequester: 3},
		Purposes: map[string]lease.Purpose{"web": {Range: lease.Range{First: 8000, Last: 8001}, Max: 1}},
	}
	if diff := cmp.Diff(want, cfg.Ports); diff != "" {
		t.Error(diff)
	}
}

func TestPortsThatAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"ports: 7\n":                                  "onex.yaml:1: a mapping is expected",
		"ports:\n  rang: 1-2\n":                       `onex.yaml:2: ports: "rang" is not one of`,
		"ports:\n  range: 9-3\n":                      "onex.yaml:2: ports: range",
		"ports:\n  max: many\n":                       "onex.yaml:2: ports: max",
		"ports:\n  max: -1\n":                         "onex.yaml:2: ports",
		"ports:\n  max: 1\n  max: 2\n":                "max is set twice",
		"ports:\n  purposes: {web: 1}\n":              "onex.yaml:2: a mapping is expected",
		"ports:\n  purposes:\n    web: {ttl_ms: x}\n": "onex.yaml:3: ports: ttl_ms",
	} {
		p := projectWith(t, text)
		_, err := app.Load(p, env(), nil)
		if !errors.Is(err, app.ErrConfig) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
		if check := app.CheckFile(p.Root); (check == nil) != (err == nil) {
			t.Errorf("%q: CheckFile says %v", text, check)
		}
	}
}

func TestDaemonsThatRun(t *testing.T) {
	cfg := configured(t)
	home := cfg.Project.Root // which is XDG_RUNTIME_DIR, too
	getenv := env("XDG_RUNTIME_DIR", home, "XDG_STATE_HOME", home)
	if all, err := app.Daemons(getenv); err != nil || len(all) != 0 {
		t.Errorf("before: %+v, %v", all, err)
	}
	_, stop := up(t, cfg)
	all, err := app.Daemons(getenv)
	if err != nil || len(all) != 1 || all[0].Root != cfg.Project.Root || all[0].PID == 0 {
		t.Errorf("while it runs: %+v, %v", all, err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if all, err := app.Daemons(getenv); err != nil || len(all) != 0 {
		t.Errorf("after: %+v, %v", all, err)
	}
}
