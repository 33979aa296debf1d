package console_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/console"
)

// secret is what an error may carry and nobody may read.
const secret = "hunter2"

func TestAReportForPrograms(t *testing.T) {
	coded := fault.New("ONEX_CORE_085_RESOURCE_NOT_FOUND", fault.NotFound, "no such fruit").Hinted("look in the basket")
	for name, tt := range map[string]struct {
		format console.Format
		err    error
		want   fault.Report // without a message: nothing is printed
	}{
		"nothing":   {console.JSON, nil, fault.Report{}},
		"text":      {console.Text, coded, fault.Report{}},
		"a status":  {console.JSON, fmt.Errorf("w: %w", console.Exit(2)), fault.Report{}},
		"coded":     {console.JSON, coded.With("fig"), fault.Report{Code: coded.Code, Class: fault.NotFound, Message: "no such fruit: fig", Hint: "look in the basket"}},
		"a secret":  {console.JSON, coded.With("password=%s", secret), fault.Report{Code: coded.Code, Class: fault.NotFound, Message: "no such fruit: password=[PASSWORD_REDACTED]", Hint: "look in the basket"}},
		"its usage": {console.JSON, console.ErrUsage.With("token=%s", "a"), fault.Report{Code: console.ErrUsage.Code, Class: fault.Invalid, Message: "invalid command line: token=a", Hint: console.ErrUsage.Hint}},
	} {
		env, out, _ := newEnv()
		env.Report(tt.format, tt.err)
		var got fault.Report
		if out.Len() > 0 {
			if err := json.Unmarshal(out.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
		}
		if strings.Contains(got.Message, secret) || fmt.Sprint(got) != fmt.Sprint(tt.want) {
			t.Errorf("%s: %+v, want %+v", name, got, tt.want)
		}
	}
}

func TestDetailsAreCleaned(t *testing.T) {
	env, out, _ := newEnv()
	env.Report(console.YAML, fault.ErrUncoded.With("lost").Detail("url", "https://ann:"+secret+"@example.com/x"))
	if got := out.String(); strings.Contains(got, secret) || !strings.Contains(got, "example.com/x") {
		t.Errorf("%s", got)
	}
}

func TestInterrupted(t *testing.T) {
	coded := fault.New("ONEX_CORE_085_RESOURCE_NOT_FOUND", fault.NotFound, "no such fruit")
	for _, tt := range []struct {
		err  error
		want string
	}{
		{console.Exit(3), ""},
		{errors.New("context canceled"), ""},
		{coded.With("fig\nquince"), "onex: no such fruit: fig quince\n"},
	} {
		env, _, errs := newEnv()
		env.Interrupted(tt.err)
		if got := errs.String(); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.err, got, tt.want)
		}
	}
}

func TestLinesOfAResult(t *testing.T) {
	env, out, _ := newEnv()
	for _, screen := range []bool{true, false} {
		env.Screen = screen
		if err := env.Line("a\x1b[2Jb"); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := out.String(), "a\ufffd[2Jb\na\x1b[2Jb\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	env.Out = closed{}
	if err := env.Line("a"); !errors.Is(err, errClosed) {
		t.Errorf("nobody reads: %v", err)
	}
	if err := env.Print(console.JSON, 1); !errors.Is(err, errClosed) {
		t.Errorf("nobody reads: %v", err)
	}
}

var errClosed = errors.New("nobody reads")

// closed is a pipe that nobody reads.
type closed struct{}

func (closed) Write([]byte) (int, error) { return 0, errClosed }

func TestACellIsOneLine(t *testing.T) {
	env, out, _ := newEnv()
	if err := env.Print(console.Table, basket{{Name: "a\nfig\r\nand\ta nut"}, {Name: "b"}}); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "NAME             COUNT\na fig and a nut  0\nb                0\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestValuesWithoutAFormForPeople(t *testing.T) {
	for _, f := range []console.Format{console.Text, console.Table, console.Summary, console.YAML} {
		env, out, _ := newEnv()
		if err := env.Print(f, map[string]string{"on": "off", "n": "1"}); err != nil || out.String() != "\"n\": \"1\"\n\"on\": \"off\"\n" {
			t.Errorf("%s: %q, %v", f, out, err)
		}
	}
	env, out, _ := newEnv()
	if err := env.Print(console.YAML, func() {}); err == nil || out.Len() > 0 {
		t.Errorf("a function is printed: %q, %v", out, err)
	}
}

func TestASummaryOfItsOwn(t *testing.T) {
	env, out, _ := newEnv()
	if err := env.Print(console.Summary, counted(3)); err != nil || out.String() != "3 in all\n" {
		t.Errorf("%q, %v", out, err)
	}
}

// counted is a value with totals.
type counted int

func (c counted) Summary(w io.Writer) { fmt.Fprintf(w, "%d in all\n", int(c)) }
