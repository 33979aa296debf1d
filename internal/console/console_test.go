package console_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/console"
)

type fruit struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
	Code  string `json:"code"`
}

type basket []fruit

func (b basket) Table() console.Grid {
	g := console.Grid{Header: []string{"name", "count"}, Empty: "no fruit"}
	for _, f := range b {
		g.Rows = append(g.Rows, []string{f.Name, fmt.Sprint(f.Count)})
	}
	return g
}

func (b basket) Text(e *console.Env, w io.Writer) { fmt.Fprintf(w, "%d fruits\n", len(b)) }

func newEnv() (*console.Env, *bytes.Buffer, *bytes.Buffer) {
	var out, errs bytes.Buffer
	return &console.Env{Out: &out, Err: &errs}, &out, &errs
}

func TestPrint(t *testing.T) {
	value := basket{{"fig", 3, "0x1F"}, {"quince <&>", 12, "yes"}}
	for _, tt := range []struct {
		format console.Format
		want   string
	}{
		{console.JSON, "[\n  {\n    \"name\": \"fig\",\n    \"count\": 3,\n    \"code\": \"0x1F\"\n  },\n  {\n    \"name\": \"quince <&>\",\n    \"count\": 12,\n    \"code\": \"yes\"\n  }\n]\n"},
		{console.YAML, "- name: fig\n  count: 3\n  code: \"0x1F\"\n- name: quince <&>\n  count: 12\n  code: \"yes\"\n"},
		{console.Table, "NAME        COUNT\nfig         3\nquince <&>  12\n"},
		{console.Text, "2 fruits\n"},
		{console.Summary, "NAME        COUNT\nfig         3\nquince <&>  12\n"},
	} {
		env, out, _ := newEnv()
		if err := env.Print(tt.format, value); err != nil {
			t.Fatal(err)
		}
		if got := out.String(); got != tt.want {
			t.Errorf("%s:\n got %q\nwant %q", tt.format, got, tt.want)
		}
	}
}

func TestAnEmptyTableSpeaksToThePersonOnly(t *testing.T) {
	env, out, errs := newEnv()
	if err := env.Print(console.Table, basket{}); err != nil {
		t.Fatal(err)
	}
	if out.String() != "" || errs.String() != "no fruit\n" {
		t.Errorf("out %q, err %q", out, errs)
	}
}

func TestFail(t *testing.T) {
	coded := fault.New("ONEX_CORE_085_RESOURCE_NOT_FOUND", fault.NotFound, "no such fruit").Hinted("look in the\nbasket")
	for _, tt := range []struct {
		err  error
		code int
		want string
	}{
		{nil, 0, ""},
		{console.Exit(0), 0, ""},
		{console.Exit(3), 3, ""},
		{fmt.Errorf("w: %w", console.Exit(2)), 2, ""},
		{errors.New("a\nb"), 1, "onex: a\n  b\n"},
		{coded.With("%q", "fig"), 1, "onex: no such fruit: \"fig\"\ncode: ONEX_CORE_085_RESOURCE_NOT_FOUND\nhint: look in the\n      basket\n"},
		{console.ErrUsage.With("flag -x"), 64, "onex: invalid command line: flag -x\ncode: ONEX_CLI_003_INVALID_COMMAND_ARGS\nhint: run the command with --help to see its arguments\n"},
	} {
		env, _, errs := newEnv()
		if got := env.Fail(tt.err); got != tt.code {
			t.Errorf("Fail(%v) = %d, want %d", tt.err, got, tt.code)
		}
		if got := errs.String(); got != tt.want {
			t.Errorf("Fail(%v) says %q, want %q", tt.err, got, tt.want)
		}
	}
}

func TestColorOnlyWhenAllowed(t *testing.T) {
	env, _, errs := newEnv()
	env.Warn("x %d", 1)
	if got := errs.String(); got != "onex: warning: x 1\n" {
		t.Errorf("without colour: %q", got)
	}
	env.Color = true
	if got := env.Paint(console.Red, "r"); got != "\x1b[31mr\x1b[0m" {
		t.Errorf("with colour: %q", got)
	}
}

func TestTextOfOthersDoesNotCommandTheTerminal(t *testing.T) {
	env, out, errs := newEnv()
	env.Screen, env.TTY, env.Color = true, true, true
	hostile := "a\x1b]0;title\a\x1b[2Jb\u009b\tc"
	if err := env.Print(console.Table, basket{{Name: env.Paint(console.Red, hostile)}}); err != nil {
		t.Fatal(err)
	}
	env.Fail(errors.New(hostile))
	for _, got := range []string{out.String(), errs.String()} {
		if strings.Contains(got, "\x1b]") || strings.Contains(got, "\x1b[2J") || strings.ContainsAny(got, "\a\u009b") {
			t.Errorf("a terminal would obey %q", got)
		}
	}
	if !strings.Contains(out.String(), "\x1b[31ma") {
		t.Errorf("our own colour is lost: %q", out)
	}
	env.Screen = false
	out.Reset()
	if err := env.Print(console.Text, wordy(hostile)); err != nil || out.String() != hostile {
		t.Errorf("into a file: %q, %v; want the text as it is", out, err)
	}
}

// wordy is a value that is its own text.
type wordy string

func (w wordy) Text(_ *console.Env, out io.Writer) { io.WriteString(out, string(w)) }

func TestYAMLOfAnyText(t *testing.T) {
	env, out, _ := newEnv()
	if err := env.Print(console.YAML, []string{"a\x7fb", "\u0085\ufeff", "plain"}); err != nil {
		t.Fatal(err)
	}
	var got []string
	if err := yaml.Unmarshal(out.Bytes(), &got); err != nil || len(got) != 3 || got[0] != "a\x7fb" || got[1] != "\u0085\ufeff" {
		t.Errorf("%q reads as %q, %v", out, got, err)
	}
}

func TestFormatIsAClosedSet(t *testing.T) {
	var f console.Format
	if err := f.Set("json"); err != nil || f != console.JSON {
		t.Errorf("Set(json) = %v, %q", err, f)
	}
	if err := f.Set("xml"); err == nil {
		t.Error("Set(xml) succeeds")
	}
	if got, want := f.Type(), "text|table|json|yaml|summary"; got != want {
		t.Errorf("Type() = %q, want %q", got, want)
	}
}

func TestATableFitsTheTerminal(t *testing.T) {
	value := basket{{"a fruit with a very long name ünd", 3, ""}}
	for width, want := range map[int]string{
		0:  "NAME                               COUNT\na fruit with a very long name ünd  3\n",
		20: "NAME           COUNT\na fruit with…  3\n",
		5:  "NAME      COUNT\na fruit…  3\n",
	} {
		env, out, _ := newEnv()
		env.Width = width
		if err := env.Print(console.Table, value); err != nil {
			t.Fatal(err)
		}
		if got := out.String(); got != want {
			t.Errorf("%d characters:\n got %q\nwant %q", width, got, want)
		}
	}
}
