package stamp_test

import (
	"fmt"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/stamp"
)

// heads are beginnings of files that are easily broken.
var heads = []string{
	"", "\n", "\r\n", "\ufeff", "#!/bin/sh\n", "#!/usr/bin/env python3\r\n", "# -*- coding: utf-8 -*-\n", "---\ntitle: x\n---\n", "---\n", "...\n",
	"<?xml version=\"1.0\"?>\n", "<!DOCTYPE html>\n", "@charset \"utf-8\";\n", "# syntax=docker/dockerfile:1\n", "'use strict';\n", "    indented\n", "package x\n",
	"//go:build linux\n\n", "# === OmniNode:Metadata ===\n", "<!-- === OmniNode:Metadata ===\n", "// === /OmniNode:Metadata ===\n", "/* x */", "text",
}

// names has one file name for each standard type.
func names() []string {
	var list []string
	for _, t := range filetype.Standard().Types() {
		if len(t.Extensions) > 0 {
			list = append(list, "d/x"+t.Extensions[0])
		} else {
			list = append(list, "d/"+t.Filenames[0])
		}
	}
	return list
}

// checkLaws stamps, checks, stamps again and strips files.
func checkLaws(t testing.TB, files map[string]string) {
	root := project(t, files)
	defer root.Close()
	o := options(day1)
	o.NoGit = true
	first := actions(mustApply(t, root, o).Files)
	stamped := contents(t, root)
	for name, text := range files {
		checkStripped(t, name, first[name], text, stamped[name])
	}
	o.Now = day2
	if r := mustApply(t, root, o); r.Summary[stamp.Add]+r.Summary[stamp.Update] != 0 {
		t.Fatalf("the second run: %v", actions(r.Files))
	}
	if diff := cmp.Diff(stamped, contents(t, root)); diff != "" {
		t.Fatalf("the second run changed (-before +after):\n%s", diff)
	}
	for name, state := range states(t, root, o) {
		if first[name] == "add" || first[name] == "update" {
			t.Fatalf("%s: after stamping: %v\n%q", name, state, files[name])
		}
	}
}

// checkStripped checks what became of a file: without its block it is what it
// was without its block.
func checkStripped(t testing.TB, name, action, text, out string) {
	if action != "add" && action != "update" {
		if out != text {
			t.Fatalf("%s is changed by %q:\n%q\n%q", name, action, text, out)
		}
		return
	}
	typ, ok := filetype.Standard().Find(name, []byte(text))
	if !ok {
		t.Fatalf("no type for %s", name)
	}
	want, err := typ.Strip([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := typ.Strip([]byte(out)); err != nil || string(got) != string(want) {
		t.Fatalf("%s: strip after stamp is %q, %v, want %q", name, got, err, want)
	}
}

func TestLawsHoldForEveryType(t *testing.T) {
	files := map[string]string{}
	for _, name := range names() {
		for i, head := range heads {
			dir := fmt.Sprint(path.Ext(name), i)
			files[dir+"/head/"+path.Base(name)] = head
			files[dir+"/body/"+path.Base(name)] = head + "body\n\n  last line"
		}
	}
	checkLaws(t, files)
}

func TestLawsHoldForRandomFiles(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		files := map[string]string{}
		for i := range 20 {
			name := rapid.SampledFrom(names()).Draw(rt, "name")
			parts := rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(heads), rapid.StringN(0, 10, 20)), 0, 5).Draw(rt, "parts")
			files[fmt.Sprint(i, "/", name)] = strings.TrimPrefix(strings.Join(parts, ""), "-> ")
		}
		checkLaws(t, files)
	})
}

func FuzzLaws(f *testing.F) {
	for i, head := range heads {
		f.Add(i, head+"x")
	}
	f.Fuzz(func(t *testing.T, at int, text string) {
		all := names()
		if !strings.HasPrefix(text, "-> ") {
			checkLaws(t, map[string]string{all[((at%len(all))+len(all))%len(all)]: text})
		}
	})
}

func TestPlanIsTheSameForAnyOrderOfWork(t *testing.T) {
	files := map[string]string{}
	for i := range 300 {
		files["d/"+strings.Repeat("x", i%7)+"-"+strings.Repeat("y", i%11)+"/"+strings.Repeat("z", i%13)+".py"] = strings.Repeat("#\n", i)
	}
	var want map[string]string
	for range 3 {
		root := project(t, files)
		mustApply(t, root, options(day1))
		got := contents(t, root)
		if want == nil {
			want = got
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("two runs differ:\n%s", diff)
		}
	}
}
