package stamp_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/stamp"
)

var errForged = errors.New("forged")

// echo signs a statement by repeating it.
func echo(statement []byte) ([]byte, error) { return append([]byte("signed: "), statement...), nil }

func verifyEcho(statement, signature []byte) (string, error) {
	if string(signature) != "signed: "+string(statement) {
		return "", errForged
	}
	return "ann", nil
}

func signed(t *testing.T, root *os.Root) bool {
	t.Helper()
	fresh, err := stamp.Sign(t.Context(), root, &stamp.Options{Verify: verifyEcho}, echo)
	if err != nil {
		t.Fatal(err)
	}
	return fresh
}

func TestAStatementNamesEveryStampedFile(t *testing.T) {
	root := project(t, map[string]string{"a.md": "A\n", "b/c.py": "c\n", "image.bin": "\x00"})
	mustApply(t, root, options(day1))
	text, err := stamp.Attest(t.Context(), root, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Type    string `json:"_type"`
		Subject []struct {
			Name   string
			Digest map[string]string
		}
		PredicateType string
	}
	if err := json.Unmarshal(text, &got); err != nil || got.Type != stamp.StatementType || got.PredicateType != stamp.PredicateType {
		t.Fatalf("%v: %s", err, text)
	}
	if len(got.Subject) != 2 || got.Subject[0].Name != "a.md" || got.Subject[1].Name != "b/c.py" || len(got.Subject[0].Digest["sha256"]) != 64 {
		t.Errorf("subjects: %+v", got.Subject)
	}
	if _, err := stamp.Attest(t.Context(), root, &stamp.Options{Paths: []string{"b"}}); !errors.Is(err, stamp.ErrUnattested) {
		t.Errorf("about a part: %v", err)
	}
}

func TestOnlyWhatIsInOrderIsSigned(t *testing.T) {
	root := project(t, map[string]string{"a.md": "A\n"})
	refused := func(why string) {
		t.Helper()
		if _, err := stamp.Sign(t.Context(), root, nil, echo); !errors.Is(err, stamp.ErrUnattested) || !strings.Contains(err.Error(), why) {
			t.Errorf("Sign = %v, want one that says %q", err, why)
		}
	}
	refused("a.md is unstamped")
	mustApply(t, root, options(day1))
	signed(t, root)
	write(t, root.Name(), "a.md", read(t, root, "a.md")+"more\n")
	refused("a.md is modified")
	if err := root.Remove("a.md"); err != nil {
		t.Fatal(err)
	}
	refused("no file is stamped")
}

func TestSigningTwiceIsSigningOnce(t *testing.T) {
	root := project(t, map[string]string{"a.md": "A\n"})
	mustApply(t, root, options(day1))
	if !signed(t, root) || signed(t, root) {
		t.Error("not signed once")
	}
	write(t, root.Name(), stamp.SignatureFile, "something else")
	if !signed(t, root) {
		t.Error("a forged signature is kept")
	}
	failing := func([]byte) ([]byte, error) { return nil, errForged }
	if _, err := stamp.Sign(t.Context(), root, nil, failing); !errors.Is(err, errForged) {
		t.Errorf("Sign = %v, want the error of the key", err)
	}
	if got := read(t, root, stamp.SignatureFile); !strings.HasPrefix(got, "signed: ") {
		t.Errorf("the old signature is gone: %q", got)
	}
}

// TestEveryChangeOfASignedProjectIsFound has a mutant for each thing that a
// signature protects.
func TestEveryChangeOfASignedProjectIsFound(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(t *testing.T, root *os.Root)
		want   string // the path that is unsigned
		always bool   // also where no signature is demanded
	}{
		"nothing":       {func(*testing.T, *os.Root) {}, "", false},
		"a file is new": {func(t *testing.T, root *os.Root) { write(t, root.Name(), "n.md", "N\n"); restamped(t, root) }, "n.md", false},
		"a file is restamped": {func(t *testing.T, root *os.Root) {
			write(t, root.Name(), "a.md", read(t, root, "a.md")+"more\n")
			restamped(t, root)
		}, "a.md", false},
		"a file is gone":             {func(t *testing.T, root *os.Root) { remove(t, root, "a.md") }, "a.md", false},
		"the signature is gone":      {func(t *testing.T, root *os.Root) { remove(t, root, stamp.SignatureFile) }, stamp.SignatureFile, false},
		"the statement is gone":      {func(t *testing.T, root *os.Root) { remove(t, root, stamp.StatementFile) }, stamp.SignatureFile, false},
		"the signature is changed":   {func(t *testing.T, root *os.Root) { write(t, root.Name(), stamp.SignatureFile, "x") }, stamp.SignatureFile, true},
		"the statement is changed":   {func(t *testing.T, root *os.Root) { write(t, root.Name(), stamp.StatementFile, "{}") }, stamp.SignatureFile, true},
		"another document is signed": {func(t *testing.T, root *os.Root) { resign(t, root, `{"_type":"x"}`) }, stamp.SignatureFile, true},
		"no JSON is signed":          {func(t *testing.T, root *os.Root) { resign(t, root, `hello`) }, stamp.SignatureFile, true},
		"more than a statement is signed": {func(t *testing.T, root *os.Root) {
			resign(t, root, read(t, root, stamp.StatementFile)+"{}")
		}, stamp.SignatureFile, true},
	} {
		t.Run(name, func(t *testing.T) {
			root := project(t, map[string]string{"a.md": "A\n", "b.md": "B\n"})
			mustApply(t, root, options(day1))
			signed(t, root)
			tt.change(t, root)
			for _, require := range []bool{true, false} {
				r, err := stamp.Check(t.Context(), root, &stamp.Options{Verify: verifyEcho, RequireSignature: require})
				if err != nil {
					t.Fatal(err)
				}
				got := ""
				for _, f := range r.Files {
					if f.State != stamp.Unsigned || f.Code == "" {
						t.Errorf("finding %+v", f)
					}
					got += f.Path
				}
				if want := map[bool]string{true: tt.want}[require || tt.always]; got != want {
					t.Errorf("signature demanded %v: unsigned %q, want %q", require, got, want)
				}
			}
		})
	}
}

func TestADemandedSignatureNeedsAVerifier(t *testing.T) {
	root := project(t, map[string]string{"a.md": "A\n"})
	mustApply(t, root, options(day1))
	signed(t, root)
	r, err := stamp.Check(t.Context(), root, &stamp.Options{RequireSignature: true})
	if err != nil || r.OK() {
		t.Errorf("report %+v, error %v; want it not to be OK", r, err)
	}
}

// resign signs another text.
func resign(t *testing.T, root *os.Root, text string) {
	t.Helper()
	signature, err := echo([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	write(t, root.Name(), stamp.StatementFile, text)
	write(t, root.Name(), stamp.SignatureFile, string(signature))
}

func restamped(t *testing.T, root *os.Root) {
	t.Helper()
	o := options(day2)
	o.NewUUID = nil
	mustApply(t, root, o)
}

func remove(t *testing.T, root *os.Root, name string) {
	t.Helper()
	if err := root.Remove(name); err != nil {
		t.Fatal(err)
	}
}
