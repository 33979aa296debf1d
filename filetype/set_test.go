package filetype_test

import (
	"errors"
	"testing"

	"github.com/omninode-ai/onex/filetype"
)

func TestFindByNameExtensionAndShebang(t *testing.T) {
	types := filetype.Standard()
	for _, tt := range []struct{ path, head, want string }{
		{"a/b.py", "", "python"}, {"A.PY", "", "python"}, {"a.d.ts", "", "typescript"}, {"x/.onexignore", "", "ignore"}, {"Dockerfile", "", "dockerfile"},
		{"a.md", "#!/bin/sh\n", "markdown"}, {"run", "#!/bin/sh\n", "shell"}, {"run", "#!/usr/bin/env python3.11\n", "python"},
		{"run", "#!/usr/bin/env -S FOO=bar node --x\n", "javascript"}, {"run", "#! /usr/bin/perl -w\r\n", "perl"}, {"run.xyz", "#!/bin/bash", "shell"},
		{"run", "", ""}, {"run", "#!\n", ""}, {"run", "#!/usr/bin/env\n", ""}, {"a.json", "{}", ""}, {".py", "", ""}, {"a.", "", ""},
	} {
		got := ""
		if typ, ok := types.Find(tt.path, []byte(tt.head)); ok {
			got = typ.Name
		}
		if got != tt.want {
			t.Errorf("Find(%s, %q) = %q, want %q", tt.path, tt.head, got, tt.want)
		}
	}
	if _, ok := types.Named("cobol"); ok {
		t.Error("found a type that is not there")
	}
}

func TestNewSetRefusesOverlaps(t *testing.T) {
	hash := filetype.Comment{Before: "# ", Line: "# "}
	a := filetype.Type{Name: "a", Comment: hash, Extensions: []string{".a"}, Filenames: []string{"A"}, Interpreters: []string{"a"}}
	for what, b := range map[string]filetype.Type{
		"name":        {Name: "a", Comment: hash},
		"extension":   {Name: "b", Comment: hash, Extensions: []string{".a"}},
		"file name":   {Name: "b", Comment: hash, Filenames: []string{"A"}},
		"interpreter": {Name: "b", Comment: hash, Interpreters: []string{"a"}},
		"upper case":  {Name: "b", Comment: hash, Extensions: []string{".B"}},
		"no dot":      {Name: "b", Comment: hash, Extensions: []string{"b"}},
		"no name":     {Comment: hash},
		"no comment":  {Name: "b"},
	} {
		if _, err := filetype.NewSet(a, b); !errors.Is(err, filetype.ErrOverlap) {
			t.Errorf("%s: error %v", what, err)
		}
	}
	s, err := filetype.NewSet(a)
	if err != nil || len(s.Types()) != 1 {
		t.Errorf("%v, %v", s, err)
	}
}

func TestNamesOfFiles(t *testing.T) {
	types := filetype.Standard()
	for _, tt := range []struct{ path, namespace, entrypoint string }{
		{"src/tool.py", "python://src.tool", "python://tool"},
		{"src/tool.pyi", "python://src.tool_pyi", "python://tool"},
		{"README.md", "markdown://README", "markdown://README"},
		{".onexignore", "file://_onexignore", "file://.onexignore"},
		{"x/Dockerfile", "dockerfile://x.Dockerfile", "dockerfile://Dockerfile"},
	} {
		typ, _ := types.Find(tt.path, nil)
		if got := typ.Namespace(tt.path); got != tt.namespace {
			t.Errorf("namespace of %s = %s, want %s", tt.path, got, tt.namespace)
		}
		if got := typ.Entrypoint(tt.path); got != tt.entrypoint {
			t.Errorf("entrypoint of %s = %s, want %s", tt.path, got, tt.entrypoint)
		}
	}
	for path, want := range map[string]bool{"a/project.onex.yaml": true, ".onex.yaml": true, "b/.onextree": true, "node.onex.yaml": false, "a.py": false} {
		if got := filetype.WholeDocument(path); got != want {
			t.Errorf("WholeDocument(%s) = %t", path, got)
		}
	}
}
