package node_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/node"
)

const soundCase = `scenario: two_visits
description: the book keeps both
dependencies: mock
mocks:
  - curl
fixtures:
  - book/first
steps:
  - tool: visit
    input:
      name: Ada
    expect:
      status: success
      output:
        visits: 1
      files:
        - name: book
          change: added
          contents: "Ada,\n"
        - name: old
          change: removed
  - tool: visit
    input: {}
    expect:
      status: error
      error: NOBODY
`

func TestCasesReadAsTheyPrint(t *testing.T) {
	c, err := node.ParseCase([]byte(soundCase))
	if err != nil {
		t.Fatal(err)
	}
	if c.Dependencies != node.Mock || len(c.Steps) != 2 || *c.Steps[0].Expect.Files[0].Contents != "Ada,\n" || c.Steps[0].Expect.Files[1].Contents != nil {
		t.Errorf("%+v", c)
	}
	printed, err := node.PrintCase(c)
	if err != nil {
		t.Fatal(err)
	}
	again, err := node.ParseCase(printed)
	if err != nil || cmp.Diff(c, again) != "" {
		t.Errorf("%v\n%s\n%s", err, cmp.Diff(c, again), printed)
	}
}

func TestUnsoundCasesAreRefusedByName(t *testing.T) {
	for _, tt := range []struct{ old, new, want string }{
		{"    expect:\n      status: error\n      error: NOBODY\n", "", `missing key "expect"`},
		{"      status: error\n", "", `missing key "status"`},
		{"      output:\n        visits: 1\n", "", "a step that succeeds expects an output"},
		{"      status: error\n", "      status: success\n", "an error goes with the status error"},
		{"      error: NOBODY\n", "      error: NOBODY\n      output: {}\n", "either an output or an error"},
		{"dependencies: mock\n", "", `missing key "dependencies"`},
		{"dependencies: mock\n", "dependencies: some\n", `"some" is not one of real, mock`},
		{"dependencies: mock\n", "dependencies: real\n", "dependencies are real, and mocks names some"},
		{"mocks:\n  - curl\n", "", "dependencies are mock, and mocks names none"},
		{"  - book/first\n", "  - ../book\n", `"../book" is not the name of a file in it`},
		{"scenario: two_visits\n", "scenario: Two\n", "name"},
		{"change: removed", "change: eaten", `"eaten" is not one of added, removed, written`},
		{"steps:", "stages:", `unknown key "stages"`},
	} {
		text := strings.Replace(soundCase, tt.old, tt.new, 1)
		if _, err := node.ParseCase([]byte(text)); !errors.Is(err, node.ErrCase) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q for %q: %v, want %s", tt.new, tt.old, err, tt.want)
		}
	}
	if _, err := node.ParseCase([]byte("scenario: a\ndependencies: real\nsteps: []\n")); err == nil {
		t.Error("no steps are accepted")
	}
	if _, err := node.PrintCase(node.Case{Name: "a"}); !errors.Is(err, node.ErrCase) {
		t.Errorf("an empty case prints: %v", err)
	}
}

func FuzzParseCase(f *testing.F) {
	f.Add(soundCase)
	f.Fuzz(func(t *testing.T, text string) {
		c, err := node.ParseCase([]byte(text))
		if err != nil {
			return
		}
		printed, err := node.PrintCase(c)
		if err != nil {
			t.Fatalf("%+v does not print: %v", c, err)
		}
		again, err := node.ParseCase(printed)
		if err != nil || cmp.Diff(c, again) != "" {
			t.Errorf("%v\n%s", err, cmp.Diff(c, again))
		}
	})
}
