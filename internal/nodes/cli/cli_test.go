package cli_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/nodes/cli"
	"github.com/omninode-ai/onex/node"
)

// asProgram is the variable that makes the test binary the program whose commands are
// run.
const asProgram = "CLI_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) == "" {
		os.Exit(m.Run())
	}
	if tree().Execute() != nil {
		os.Exit(3)
	}
}

// tree is a program with commands of every kind.
func tree() *cobra.Command {
	root := &cobra.Command{Use: "prog", SilenceUsage: true, SilenceErrors: true}
	root.PersistentFlags().StringP("directory", "C", "", "where")
	look := console.Offer(&cobra.Command{Use: "look [PATH…]", Short: "looks", RunE: func(cmd *cobra.Command, args []string) error {
		dir, err := os.Getwd()
		fmt.Fprintln(os.Stdout, args, dir == os.Getenv("CLI_TEST_ROOT"))
		return err
	}}, "write")
	look.Flags().Bool("write", false, "writes")
	look.Flags().String("to", "here", "a `place`")
	look.Flags().StringP("output", "o", "text", "how")
	loud := console.Offer(&cobra.Command{Use: "loud", Short: "says much", Run: func(*cobra.Command, []string) {
		fmt.Print(strings.Repeat("é", 100_000))
		fmt.Fprint(os.Stderr, "\xff")
	}})
	fail := console.Offer(&cobra.Command{Use: "fail", Short: "fails", RunE: func(*cobra.Command, []string) error { return errors.New("no") }})
	group := &cobra.Command{Use: "group"}
	group.AddCommand(look, fail)
	root.AddCommand(group, loud, &cobra.Command{Use: "stay", Short: "stays", Run: func(*cobra.Command, []string) {}},
		&cobra.Command{Use: "secret", Hidden: true, Run: func(*cobra.Command, []string) {}})
	console.BringsAlong("looker", look)
	return root
}

func hosted(t *testing.T) *host.Host {
	t.Helper()
	t.Setenv(asProgram, "1")
	dir := t.TempDir()
	t.Setenv("CLI_TEST_ROOT", dir)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	h, err := cli.New(dir, cli.Program{Argv: []string{self}, Commands: tree}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

func TestCommandsAreDescribed(t *testing.T) {
	h := hosted(t)
	list := func(query string) []cli.Command {
		var got cli.Commands
		if out := h.Call(t.Context(), "cli_commands", []byte(query)); out.Error != nil || json.Unmarshal(out.Result, &got) != nil {
			t.Fatal(out.Error)
		}
		return got.Commands
	}
	var names []string
	for _, c := range list(`{}`) {
		names = append(names, fmt.Sprintf("%s %t", c.Name, c.Offered))
	}
	if got, want := strings.Join(names, ", "), "group fail true, group look true, loud true, stay false"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := list(`{"command": "group"}`); len(got) != 2 {
		t.Errorf("below a group: %+v", got)
	}
	got, err := json.Marshal(list(`{"command": "group look"}`)[0])
	const want = `{"name":"group look","usage":"prog group look [PATH…] [flags]","about":"looks","node":"looker","offered":true,"flags":[` +
		`{"name":"output","short":"o","type":"string","default":"text","about":"how","offered":true},` +
		`{"name":"to","type":"place","default":"here","about":"a place","offered":true},` +
		`{"name":"write","type":"bool","default":"false","about":"writes","offered":false}]}`
	if err != nil || string(got) != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestWhatIsRun(t *testing.T) {
	h := hosted(t)
	for _, c := range []struct {
		args, stdout string
		exit         int
		status       node.Result
	}{
		{`["group", "look", "a", "b/c", "--to", "there", "-o", "json"]`, "[a b/c] true\n", 0, node.Success},
		{`["group", "look", "--", "-x"]`, "[-x] true\n", 0, node.Success},
		{`["group", "fail"]`, "", 3, node.Warning},
		{`["group", "look", "--nothing"]`, "", 3, node.Warning},
	} {
		out := h.Call(t.Context(), "cli_run", []byte(`{"args": `+c.args+`}`))
		var got cli.Ran
		if out.Error != nil || json.Unmarshal(out.Result, &got) != nil {
			t.Errorf("%s: %v", c.args, out.Error)
			continue
		}
		if got.Out != c.stdout || got.Exit != c.exit || out.Status != c.status || got.Truncated {
			t.Errorf("%s: %+v, %s", c.args, got, out.Status)
		}
	}
	var loud cli.Ran
	out := h.Call(t.Context(), "cli_run", []byte(`{"args": ["loud"]}`))
	if err := json.Unmarshal(out.Result, &loud); err != nil || !loud.Truncated || len(loud.Out) != 128<<10 || loud.Err != "\uFFFD" {
		t.Errorf("too much: %d bytes, %q, %v, %v", len(loud.Out), loud.Err, err, out.Error)
	}
}

func TestWhatIsNotRun(t *testing.T) {
	h := hosted(t)
	for args, want := range map[string]error{
		`[]`:                                     cli.ErrUnknown,
		`["fly"]`:                                cli.ErrUnknown,
		`["group"]`:                              cli.ErrNotOffered,
		`["stay"]`:                               cli.ErrNotOffered,
		`["secret"]`:                             cli.ErrNotOffered,
		`["group", "look", "--write"]`:           cli.ErrNotOffered,
		`["group", "look", "--write=false"]`:     cli.ErrNotOffered,
		`["group", "look", "/etc"]`:              cli.ErrNotOffered,
		`["group", "look", "a/../../b"]`:         cli.ErrNotOffered,
		`["group", "look", "--to=../x"]`:         cli.ErrNotOffered,
		`["group", "look", "--to", "/x"]`:        cli.ErrNotOffered,
		`["group", "look", "a,/x"]`:              cli.ErrNotOffered,
		`["group", "look", "a\\..\\..\\b"]`:      cli.ErrNotOffered,
		`["-C", "x", "group", "look"]`:           cli.ErrNotOffered,
		`["group", "look", "-Cx"]`:               cli.ErrNotOffered,
		`["group", "look", "--directory=x"]`:     cli.ErrNotOffered,
		`["group", "-C", "x", "look", "--to=y"]`: cli.ErrNotOffered,
	} {
		if out := h.Call(t.Context(), "cli_run", []byte(`{"args": `+args+`}`)); out.Error == nil || !errors.Is(out.Error.Err(), want) {
			t.Errorf("%s: %s %v, want %v", args, out.Result, out.Error, want)
		}
	}
}

func TestWithoutAProgram(t *testing.T) {
	h, err := cli.New(t.TempDir(), cli.Program{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if out := h.Call(t.Context(), "cli_run", []byte(`{"args": ["x"]}`)); out.Error == nil || !errors.Is(out.Error.Err(), cli.ErrRun) {
		t.Errorf("run: %v", out.Error)
	}
	if out := h.Call(t.Context(), "cli_commands", []byte(`{}`)); string(out.Result) != `{"commands":[]}` {
		t.Errorf("commands: %s", out.Result)
	}
	none, err := cli.New(t.TempDir(), cli.Program{Argv: []string{"/nowhere/prog"}, Commands: tree}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if out := none.Call(t.Context(), "cli_run", []byte(`{"args": ["loud"]}`)); out.Error == nil || !errors.Is(out.Error.Err(), cli.ErrRun) {
		t.Errorf("a program that is not there: %v", out.Error)
	}
}
