package filetype_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/meta"
)

const uuid = "11111111-2222-4333-8444-555555555555"

// block is a block as stamping writes it.
func block() meta.Block {
	return meta.NewBlock(
		meta.Field{Key: meta.FieldMetadataVersion, Value: meta.String(meta.Version)},
		meta.Field{Key: meta.FieldOwner, Value: meta.String("Zoë: <!-- a --> /* b */ \\u0041")},
		meta.Field{Key: meta.FieldName, Value: meta.String("a.py")},
		meta.Field{Key: meta.FieldUUID, Value: meta.String(uuid)},
		meta.Field{Key: meta.FieldCreatedAt, Value: meta.String("2025-01-01T00:00:00Z")},
		meta.Field{Key: meta.FieldTags, Value: meta.Strings("b", "a: c")},
	)
}

// blockFor is a block that fits the comments of typ.
func blockFor(typ *filetype.Type) meta.Block {
	b := block()
	if typ.Comment.Forbid != "" {
		b.SetText(meta.FieldOwner, "Zoë")
	}
	return b
}

// fragments are what the starts of files are made of.
var fragments = []string{
	"", "\n", "\r\n", "\r", " ", "x", "x\n", "    indented\n", "\xef\xbb\xbf", "#!/usr/bin/env python3", "#!/bin/sh\n", "#!/bin/sh\r\n", "#!x\r",
	"# -*- coding: utf-8 -*-\n", "# coding=latin-1", "# comment\n", "---\n", "---", "...\n", "+++\n", "title: x\n", "%YAML 1.2\n",
	"//go:build linux\n\n", "// Package x.\npackage x\n", "<?xml version=\"1.0\"?>\n", "<?xml version=\"1.0\"?><a/>", "<!DOCTYPE html>\n", "<!doctype html><p>x",
	"@charset \"utf-8\";\n", "@charset \"utf-8\"; a{}", "# syntax=docker/dockerfile:1\n", "# escape=`\n", "FROM x\n", "'use strict';\n",
	"/** @jest-environment jsdom */\n", "/** doc */ x\n", "// @flow\n", "#![no_std]\n", "# frozen_string_literal: true\n", "#cloud-config\n",
	"# === OmniNode:Metadata ===\n", "# === /OmniNode:Metadata ===\n", "<!-- === OmniNode:Metadata ===\n", "<!-- === /OmniNode:Metadata === -->\n",
	"# === OmniNode:Metadata uuid=" + uuid + " ===\n", "a: b\n", "# a: b\n", "# === OmniNode:Metadata ===\n# a: b\n# === /OmniNode:Metadata ===\n",
	"<!-- === OmniNode:Metadata ===\na: b\n<!-- === /OmniNode:Metadata === -->\n", "// === OmniNode:Metadata ===\n// a: b\n// === /OmniNode:Metadata ===",
	"$ANSIBLE_VAULT;1.1;AES256\n", "// swift-tools-version:5.9\n",
}

// A failer is what tests, fuzz tests and property tests have in common.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// checkLaws checks what holds for every file of type t, damaged ones included.
func checkLaws(t failer, typ *filetype.Type, src []byte) {
	t.Helper()
	p, err := typ.Split(src)
	if err != nil {
		checkRefusal(t, typ, src, err)
		return
	}
	if got := typ.Join(p); !bytes.Equal(got, src) {
		t.Fatalf("%s: Join(Split(src)) = %q, want %q", typ.Name, got, src)
	}
	stripped, err := typ.Strip(src)
	if err != nil {
		t.Fatalf("%s: Strip(%q): %v", typ.Name, src, err)
	}
	if p.Form == filetype.None && !bytes.Equal(stripped, src) {
		t.Fatalf("%s: Strip(%q) = %q without a block", typ.Name, src, stripped)
	}
	full, err := typ.WithBlock(src, blockFor(typ))
	checkWritten(t, typ, src, stripped, full, err, filetype.Full, blockFor(typ))
	compact, err := typ.WithCompact(src, uuid)
	checkWritten(t, typ, src, stripped, compact, err, filetype.Compact, meta.NewBlock(meta.Field{Key: meta.FieldUUID, Value: meta.String(uuid)}))
}

func checkWritten(t failer, typ *filetype.Type, src, stripped, out []byte, err error, form filetype.Form, want meta.Block) {
	t.Helper()
	if err != nil {
		// Without its block the file may turn out to have no place for one, or
		// another block there.
		if !errors.Is(err, filetype.ErrUnsupported) && !errors.Is(err, filetype.ErrCorrupt) {
			t.Fatalf("%s: write into %q: %v", typ.Name, src, err)
		}
		return
	}
	p, err := typ.Split(out)
	if err != nil {
		t.Fatalf("%s: Split of what was written: %v\n src %q\n out %q", typ.Name, err, src, out)
	}
	if p.Form != form || !p.Meta.Equal(want) {
		t.Fatalf("%s: block not found again: form %s\n src %q\n out %q", typ.Name, p.Form, src, out)
	}
	again, err := typ.Strip(out)
	if err != nil || !bytes.Equal(again, stripped) {
		t.Fatalf("%s: strip after stamp, error %v\n got %q\nwant %q\n out %q", typ.Name, err, again, stripped, out)
	}
	if form == filetype.Full {
		if twice, err := typ.WithBlock(out, want); err != nil || !bytes.Equal(twice, out) {
			t.Fatalf("%s: stamping twice, error %v\n once %q\ntwice %q", typ.Name, err, out, twice)
		}
	}
	if meta.Hash(want, stripped) != p.Hash(want) {
		t.Fatalf("%s: the block changes the hash of the rest\n src %q\n out %q", typ.Name, src, out)
	}
}

func checkRefusal(t failer, typ *filetype.Type, src []byte, err error) {
	t.Helper()
	if !errors.Is(err, filetype.ErrUnsupported) && !errors.Is(err, filetype.ErrCorrupt) && !errors.Is(err, meta.ErrParse) {
		t.Fatalf("%s: Split(%q): error without a kind: %v", typ.Name, src, err)
	}
	if b, rest, err := typ.Salvage(src); err == nil && (len(rest) >= len(src) || b.UUID() != "" && !meta.IsUUID(b.UUID())) {
		t.Fatalf("%s: Salvage(%q) = %v, %q", typ.Name, src, b.Fields(), rest)
	}
	if out, err := typ.WithBlock(src, block()); err == nil {
		t.Fatalf("%s: wrote %q into a file that cannot be split: %q", typ.Name, out, src)
	}
}

func TestLaws(t *testing.T) {
	files := rapid.Custom(func(t *rapid.T) []byte {
		src := strings.Join(rapid.SliceOfN(rapid.SampledFrom(fragments), 0, 5).Draw(t, "fragments"), "")
		if rapid.Bool().Draw(t, "crlf") {
			src = strings.ReplaceAll(src, "\n", "\r\n")
		}
		return []byte(src)
	})
	for _, typ := range filetype.Standard().Types() {
		t.Run(typ.Name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) { checkLaws(rt, typ, files.Draw(rt, "src")) })
		})
	}
}
