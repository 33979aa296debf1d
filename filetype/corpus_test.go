package filetype_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/meta"
)

const mark = "<BLOCK>"

// corpus are the files that header tools break: name, and content with a mark
// where the block belongs. A head whose last line is open ends with the mark.
var corpus = []struct{ name, content string }{
	{"a.py", mark}, {"a.py", mark + "print(1)"}, {"a.py", mark + "print(1)\n"}, {"a.py", mark + "\n\nprint(1)\n"}, {"a.py", mark + "    \"x\"\n"},
	{"a.py", "#!/usr/bin/env python3\n" + mark + "print(1)\n"},
	{"a.py", "#!/usr/bin/env python3\n# -*- coding: utf-8 -*-\n" + mark + "print('é')\n"},
	{"a.py", "#!/usr/bin/env python3\r\n# -*- coding: utf-8 -*-\r\n" + mark + "print(1)\r\n"},
	{"a.py", "# vim: set fileencoding=utf-8 :\n" + mark + "print(1)\n"},
	{"a.py", "# Copyright\n# coding: utf-8\n" + mark + "print(1)\n"},
	{"a.py", "\n# coding: utf-8\n" + mark + "print(1)\n"},
	{"a.py", mark + "# Copyright\n\n# coding: utf-8\nprint(1)\n"},
	{"a.py", mark + "print(1)\n# coding: utf-8\n"},
	{"a.py", "\ufeff" + mark + "print(1)\n"},
	{"a.py", "\ufeff#!/usr/bin/env python3\n" + mark + "print(1)\n"},
	{"a.py", "#!/usr/bin/env python3" + mark},
	{"a.py", mark + "\"\"\"Docstring.\"\"\"\nfrom __future__ import annotations\n"},
	{"a.py", mark + "X = '''\n# === OmniNode:Metadata ===\n# a: b\n# === /OmniNode:Metadata ===\n'''\n"},
	{"a.md", mark + "# Title\n"}, {"a.md", "---\ntitle: x\n---\n" + mark + "# Title\n"}, {"a.md", "+++\ntitle = 'x'\n+++\n" + mark + "\n# Title\n"},
	{"a.md", "---\r\ntitle: x\r\n---\r\n" + mark + "# Title\r\n"}, {"a.md", "---\ntitle: x\n...\n" + mark + "Text\n"}, {"a.md", "---\ntitle: x\n---" + mark},
	{"a.md", mark + "---\n\nA rule, no front matter.\n"}, {"a.md", mark + "    indented code\n"}, {"a.md", "% Title\n% Author\n" + mark + "\nText\n"},
	{"a.md", mark + "```yaml\n=== OmniNode:Metadata ===\n```\n<!-- === OmniNode:Metadata ===\na: b\n<!-- === /OmniNode:Metadata === -->\n"},
	{"a.yaml", mark + "a: b\n"}, {"a.yaml", mark + "---\na: b\n...\n"}, {"a.yaml", mark + "%YAML 1.2\n---\na: b\n"}, {"a.yaml", mark + "  a: b\n"},
	{"a.yml", "#!/usr/bin/env ansible-playbook\n" + mark + "- hosts: all\n"}, {"a.yml", "#cloud-config\n" + mark + "users: []\n"},
	{"a.yml", "## template: jinja\n#cloud-config\n" + mark + "users: []\n"}, {"a.yml", mark + "{{- if .x }}\na: b\n{{- end }}\n"},
	{"a.yaml", mark + "---\na: |\n  loading...\n...\n"}, {"a.yaml", "\ufeff" + mark + "a: b\n"},
	{"a.go", mark + "package a\n"}, {"a.go", mark + "//go:build linux\n\npackage a\n"}, {"a.go", mark + "// Package a is.\npackage a\n"}, {"a.go", "\ufeff" + mark + "package a\n"},
	{"a.sh", mark + "echo\n"}, {"a.sh", "#!/bin/sh\n" + mark + "echo\n"}, {"a.sh", "#!/bin/sh" + mark}, {"a.zsh", "#compdef foo\n" + mark + "_foo() { }\n"},
	{".gitignore", mark + "*.o\n"}, {".onexignore", mark + "stamper:\n  patterns: []\n"},
	{"a.js", "#!/usr/bin/env node\n" + mark + "'use strict';\nx = 1;\n"}, {"a.js", mark + "'use strict';\n"},
	{"a.js", "/**\n * @jest-environment jsdom\n */\n" + mark + "test();\n"}, {"a.js", "// @flow\n" + mark + "x\n"}, {"a.js", "/* @flow */\n" + mark + "x\n"},
	{"a.js", mark + "/** @type {import('x').Y} */\nmodule.exports = {};\n"}, {"a.ts", mark + "/// <reference types=\"node\" />\n"}, {"a.ts", mark + "// @ts-nocheck\n"},
	{"a.rs", mark + "#![no_std]\n"}, {"a.rs", mark + "#! [no_std]\n"}, {"a.rs", "#!/usr/bin/env run-cargo-script\n" + mark + "fn main() {}\n"}, {"a.rs", mark + "//! Crate.\n"},
	{"a.java", mark + "package a;\n"}, {"a.c", mark + "#include <stdio.h>\n"}, {"a.hpp", mark + "#pragma once\n"},
	{"a.html", "<!DOCTYPE html>\n" + mark + "<html></html>\n"}, {"a.html", "<!doctype html>  \r\n" + mark + "<p>\r\n"}, {"a.html", mark + "<!doctype html><p>x\n"},
	{"a.html", "<?xml version=\"1.0\"?>\n<!DOCTYPE html\n  PUBLIC \"x\">\n" + mark + "<html/>\n"}, {"a.html", "---\nlayout: x\n---\n" + mark + "<p>\n"}, {"a.html", mark + "<p>\n"},
	{"a.xml", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + mark + "<a/>\n"}, {"a.xml", "\ufeff<?xml version=\"1.0\"?>\r\n" + mark + "<a/>\r\n"},
	{"a.xml", "<?xml version=\"1.0\"\n?>\n" + mark + "<!DOCTYPE a>\n<a/>"}, {"a.svg", mark + "<svg xmlns=\"http://www.w3.org/2000/svg\"/>\n"}, {"a.xml", mark + "<?xml-stylesheet href=\"a\"?>\n<a/>\n"},
	{"a.css", "@charset \"utf-8\";\n" + mark + "a{}\n"}, {"a.css", mark + "a{}\n"}, {"a.scss", "---\n---\n" + mark + "@import 'x';\n"},
	{"a.sql", mark + "SELECT 1;\n"}, {"a.sql", "--liquibase formatted sql\n" + mark + "--changeset a:1\nSELECT 1;\n"}, {"a.toml", mark + "[a]\nb = 1\n"},
	{"Dockerfile", "# syntax=docker/dockerfile:1\n# escape=`\n" + mark + "FROM scratch\n"}, {"Dockerfile", "#Syntax = docker/dockerfile:1\n" + mark + "\nFROM scratch\n"},
	{"Dockerfile", mark + "# A comment\n# syntax=docker/dockerfile:1\nFROM scratch\n"}, {"Dockerfile", mark + "FROM scratch\n"},
	{"Makefile", mark + "all:\n\techo\n"}, {"a.mk", "#!/usr/bin/make -f\n" + mark + "all:\n\techo\n"}, {"a.pl", "#!/usr/bin/perl -w\n" + mark + "print 1;\n"},
	{"a.rb", "#!/usr/bin/env ruby\n# -*- coding: utf-8 -*-\n# frozen_string_literal: true\n" + mark + "puts 1\n"}, {"a.rb", "# typed: strict\n" + mark + "\nputs 1\n"},
	{"a.php", "<?php\n" + mark + "declare(strict_types=1);\nnamespace A;\n"}, {"a.php", "<?php declare(strict_types=1);\r\n" + mark + "echo 1;\r\n"},
	{"a.php", "#!/usr/bin/env php\n<?php\n" + mark + "\n/** File. */\necho 1;\n"}, {"a.php", "<?php // one\n" + mark + "echo 1 ?>\n<p>\n"}, {"a.php", "<?php" + mark},
	{"a.ini", mark + "[a]\nb = c\n"}, {"setup.cfg", mark + "[metadata]\nname = a\n"}, {".editorconfig", mark + "root = true\n"},
	{"a.bat", "@echo off\r\n" + mark + "setlocal\r\n"}, {"a.cmd", "@ECHO OFF & setlocal\r\n" + mark + "dir\r\n"}, {"a.bat", mark + "dir\r\n"},
	{"a.lisp", "#!/usr/bin/sbcl --script\n" + mark + "(print 1)\n"}, {"a.lisp", ";;; -*- Mode: Lisp; Package: A -*-\n" + mark + "(in-package :a)\n"},
	{"a.clj", "#!/usr/bin/env bb\n" + mark + "(ns a)\n"}, {"a.cs", mark + "using System;\n"}, {"a.csx", "#!/usr/bin/env dotnet-script\n" + mark + "#r \"nuget: A\"\n"},
	{"a.el", ";;; a.el --- does it  -*- lexical-binding: t; -*-\n" + mark + "\n(provide 'a)\n"}, {"a.el", ";; -*- lexical-binding: t -*-\n" + mark + "(provide 'a)\n"},
	{"a.el", ";;; a.el --- does it\n" + mark + "\n;; Author: x\n"}, {"a.ex", mark + "defmodule A do\nend\n"}, {"a.exs", "#!/usr/bin/env elixir\n" + mark + "IO.puts(1)\n"},
	{"a.erl", "%% -*- coding: utf-8 -*-\n" + mark + "-module(a).\n"}, {"a.erl", mark + "-module(a).\n"}, {"a.graphql", mark + "\"\"\"\nDoc\n\"\"\"\ntype A { b: Int }\n"},
	{"a.hs", "#!/usr/bin/env runghc\n" + mark + "{-# LANGUAGE LambdaCase #-}\n-- | Doc\nmodule Main where\n"}, {"a.jl", "#!/usr/bin/env julia\n" + mark + "print(1)\n"},
	{"a.kts", "#!/usr/bin/env kotlin\n" + mark + "@file:JvmName(\"A\")\n"}, {"a.kt", mark + "@file:JvmName(\"A\")\npackage a\n"},
	{"a.tex", "%&latex\n% !TEX program = xelatex\n" + mark + "\\documentclass{article}\n"}, {"a.sty", mark + "\\ProvidesPackage{a}\n"},
	{"a.lua", "#!/usr/bin/env lua\n" + mark + "print(1)\n"}, {"a.lua", mark + "--[[ long\ncomment ]]\nreturn 1\n"}, {"a.lua", mark + "--- Doc\nlocal x = [==[\n]==]\n"},
	{"a.ps1", "#!/usr/bin/env pwsh\n" + mark + "#Requires -Version 7\nusing namespace System\nparam($a)\n"}, {"a.ps1", mark + "<#\n.SYNOPSIS\nx\n#>\n"},
	{"a.proto", mark + "// About a.\nsyntax = \"proto3\";\npackage a;\n"}, {"a.R", "#!/usr/bin/env Rscript\n" + mark + "#' Doc\nf <- 1\n"},
	{"a.scala", mark + "//> using scala 3\npackage a\n"}, {"a.svelte", mark + "<script>\n  let a;\n</script>\n"}, {"a.vue", mark + "<template>\n  <p/>\n</template>\n"},
	{"a.tf", mark + "terraform {\n}\n"}, {"a.tf", mark + "# About.\n\nlocals {\n  a = <<EOT\n# x\nEOT\n}\n"}, {"a.vim", mark + "vim9script\nvar x = 1\n"}, {"a.vim", mark + "let x = 1\n"},
	{"Package.swift", "// swift-tools-version:5.9\n" + mark + "import PackageDescription\n"},
}

func TestCorpusIsStampedAtItsPlace(t *testing.T) {
	types := filetype.Standard()
	for _, c := range corpus {
		src := strings.Replace(c.content, mark, "", 1)
		typ, ok := types.Find(c.name, []byte(src))
		if !ok {
			t.Errorf("%s has no type", c.name)
			continue
		}
		got, err := typ.WithBlock([]byte(src), blockFor(typ))
		if err != nil {
			t.Errorf("%q: %v", src, err)
			continue
		}
		if diff := cmp.Diff(expand(t, typ, c.content), string(got)); diff != "" {
			t.Errorf("%s %q (-want +got):\n%s", c.name, src, diff)
		}
		checkLaws(t, typ, []byte(src))
	}
}

// expand puts the text of the block at the mark, with its line ends.
func expand(t *testing.T, typ *filetype.Type, content string) string {
	t.Helper()
	first := ""
	if typ.Name == "php" {
		first = "<?php\n"
	}
	alone, err := typ.WithBlock([]byte(first), blockFor(typ))
	if err != nil {
		t.Fatal(err)
	}
	alone = alone[len(first):]
	eol, text := "\n", string(alone)
	if strings.Contains(content, "\r\n") {
		eol, text = "\r\n", strings.ReplaceAll(text, "\n", "\r\n")
	}
	head, body, _ := strings.Cut(content, mark)
	switch {
	case strings.Trim(head, "\ufeff") != "" && !strings.HasSuffix(head, "\n"):
		return head + eol + strings.TrimSuffix(text, eol)
	case body != "":
		return head + text + eol + body
	}
	return head + text
}

func TestEveryTypeHasACorpus(t *testing.T) {
	types := filetype.Standard()
	seen := map[string]bool{}
	for _, c := range corpus {
		typ, _ := types.Find(c.name, nil)
		seen[typ.Name] = true
	}
	for _, typ := range types.Types() {
		if !seen[typ.Name] && typ.Name != "cpp" {
			t.Errorf("type %s is in the table without a file in the corpus", typ.Name)
		}
	}
}

// TestPHPWithoutAPlace has files in which a line after the tag would be no comment.
func TestPHPWithoutAPlace(t *testing.T) {
	typ, _ := filetype.Standard().Named("php")
	for _, src := range []string{
		"", "<p>\n<?php echo 1;\n", "<?php echo 1 ?>\n<p>\n", "<?php echo 'a\nb';\n", "<?php /* a\nb */\n", "<?php echo <<<X\na\nX;\n",
		"<?= 1 ?>\n", "<?phpx\n", "<?php namespace A {\n}\n", "<?php namespace A\n;\n", "\n<?php\n",
	} {
		if out, err := typ.WithBlock([]byte(src), blockFor(typ)); err == nil {
			t.Errorf("%q becomes %q", src, out)
		}
	}
}

func TestFilesThatCarryNoBlock(t *testing.T) {
	types := filetype.Standard()
	for _, tt := range []struct {
		name, src string
		want      filetype.Skip
	}{
		{"a.py", "a\x00b", filetype.SkipBinary},
		{"a.py", "# caf\xe9\n", filetype.SkipNotUTF8},
		{"a.py", "\xff\xfea\x00", filetype.SkipBinary},
		{"a.py", "# coding: ascii\nprint(1)\n", filetype.SkipEncoding},
		{"a.xml", "<?xml version=\"1.0\"?><a/>", filetype.SkipNoPlace},
		{"a.xml", "<?xml version=\"1.0\" encoding=\"us-ascii\"?>\n<a/>", filetype.SkipEncoding},
		{"a.css", "@charset \"utf-8\"; a{}", filetype.SkipNoPlace},
		{"a.html", "{% extends 'x' %}\n", filetype.SkipNoPlace},
		{"a.js", "/** @flow */ x", filetype.SkipNoPlace},
		{"a.js", "/** @flow", filetype.SkipNoPlace},
		{"a.ps1", "1\n# SIG # Begin signature block\n# SIG # End signature block\n", filetype.SkipNoPlace},
		{"a.yml", "$ANSIBLE_VAULT;1.1;AES256\n6638\n", filetype.SkipNoPlace},
	} {
		typ, _ := types.Find(tt.name, nil)
		_, err := typ.WithBlock([]byte(tt.src), blockFor(typ))
		var got filetype.Skip
		if !errors.Is(err, filetype.ErrUnsupported) || !errors.As(err, &got) || got != tt.want {
			t.Errorf("%s %q: error %v, want %s", tt.name, tt.src, err, tt.want)
		}
		if !strings.Contains(err.Error(), got.Error()) {
			t.Errorf("%s: %v does not say %q", tt.name, err, got.Error())
		}
	}
	xml, _ := types.Named("xml")
	b := block()
	b.SetText("owner", "a -- b")
	if _, err := xml.WithBlock([]byte("<a/>"), b); !errors.Is(err, filetype.ErrUnsupported) {
		t.Errorf("two dashes in XML: %v", err)
	}
	if _, err := xml.WithCompact(nil, "TBD"); !errors.Is(err, meta.ErrInvalid) {
		t.Errorf("a uuid that is none: %v", err)
	}
}
