package filetype_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/internal/peer"
)

// dumpPython prints the syntax tree of a file as CPython sees it, docstrings
// included, or fails.
const dumpPython = "import ast,sys;print(ast.dump(ast.parse(open(sys.argv[1],'rb').read())))"

// languages are the parsers that are asked about stamped files: the types they
// are for, and the command, to which the path of the file is added. What it prints
// to standard output must stay the same, white space aside.
var languages = []struct {
	types   []string
	command []string
}{
	{[]string{"python"}, []string{"/usr/bin/python3", "-c", dumpPython}},
	{[]string{"shell"}, []string{"dash", "-n"}},
	{[]string{"shell"}, []string{"bash", "-n"}},
	{[]string{"javascript"}, []string{"node", "--check"}},
	{[]string{"perl"}, []string{"perl", "-c"}},
	{[]string{"php"}, []string{"php", "-w"}}, // the source without comments and white space
	{[]string{"ruby"}, []string{"ruby", "-c"}},
	{[]string{"lua"}, []string{"luac5.4", "-p"}},
	{[]string{"xml"}, []string{"xmllint", "--noout"}},
	{[]string{"makefile"}, []string{"make", "-n", "-f"}},
}

// TestLanguagesTakeStampedFilesForWhatTheyWere stamps every file of the corpus in
// both forms that show in it, and asks the language's own parser before and after.
func TestLanguagesTakeStampedFilesForWhatTheyWere(t *testing.T) {
	for _, l := range languages {
		t.Run(filepath.Base(l.command[0]), func(t *testing.T) {
			program := peer.Find(t, l.command[0])
			asked := 0
			for _, c := range corpus {
				src := []byte(strings.Replace(c.content, mark, "", 1))
				typ, ok := filetype.Standard().Find(c.name, src)
				if !ok || !slices.Contains(l.types, typ.Name) {
					continue
				}
				want, ok := parse(t, program, l.command[1:], c.name, src)
				if !ok {
					continue // the parser at hand is too old for it, or it is a fragment
				}
				asked++
				for form, out := range stampedForms(t, typ, src) {
					if got, ok := parse(t, program, l.command[1:], c.name, out); !ok || got != want {
						t.Errorf("%s: %q in the form %s is no longer what it was:\n%s\n%s", c.name, src, form, out, got)
					}
				}
			}
			if _, known := filetype.Standard().Named(l.types[0]); known && asked == 0 {
				t.Errorf("no file of the corpus is one that %s takes", program)
			}
		})
	}
}

func stampedForms(t *testing.T, typ *filetype.Type, src []byte) map[filetype.Form][]byte {
	t.Helper()
	full, err := typ.WithBlock(src, blockFor(typ))
	if err != nil {
		t.Fatal(err)
	}
	compact, err := typ.WithCompact(src, "c0ffee00-0000-4000-8000-000000000001")
	if err != nil {
		t.Fatal(err)
	}
	for _, out := range [][]byte{full, compact} {
		if stripped, err := typ.Strip(out); err != nil || !bytes.Equal(stripped, src) {
			t.Errorf("without its block, %q is %q (error %v)", src, stripped, err)
		}
	}
	return map[filetype.Form][]byte{filetype.Full: full, filetype.Compact: compact}
}

// parse reports whether the program takes src, and what it prints then.
func parse(t *testing.T, program string, args []string, name string, src []byte) (string, bool) {
	t.Helper()
	path := filepath.Join(t.TempDir(), filepath.Base(name))
	if err := os.WriteFile(path, src, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), program, append(slices.Clone(args), path)...).Output()
	return strings.Join(strings.Fields(strings.ReplaceAll(string(out), path, name)), " "), err == nil
}
