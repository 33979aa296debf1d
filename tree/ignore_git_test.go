package tree

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestIgnoreAgreesWithGit compares our reading of .gitignore files with git's
// own on random patterns and paths. ONEX_TEST_ROUNDS=4000 looks harder.
func TestIgnoreAgreesWithGit(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("needs git")
	}
	rounds := 60
	if n, err := strconv.Atoi(os.Getenv("ONEX_TEST_ROUNDS")); err == nil {
		rounds = n
	}
	rnd := rand.New(rand.NewPCG(1, uint64(rounds)))
	dir := t.TempDir()
	gitIn(t, dir, "", "init", "-q")
	paths := randomTree(t, rnd, dir)
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for range rounds {
		files := map[string]string{".gitignore": randomLines(rnd), "a/.gitignore": "", "b/.gitignore": ""}
		if rnd.IntN(3) == 0 {
			files["a/.gitignore"], files["b/.gitignore"] = randomLines(rnd), randomLines(rnd)
		}
		for name, text := range files {
			if err := root.WriteFile(name, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want := strings.Split(gitIn(t, dir, strings.Join(paths, "\x00"), "check-ignore", "--no-index", "--stdin", "-z"), "\x00")
		g := newIgnorer(root, ".gitignore", gitPatterns, nil)
		for _, name := range paths {
			info, err := root.Lstat(name)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := g.ignored(name, info.IsDir()), slices.Contains(want, name); got != want {
				t.Errorf("%q ignored = %t, git says %t\n%q", name, got, want, files)
			}
		}
		if t.Failed() {
			break
		}
	}
}

func gitIn(t *testing.T, dir, stdin string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(stdin)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if code := cmd.ProcessState.ExitCode(); err != nil && (args[0] != "check-ignore" || code != 1) {
		t.Fatalf("git %v: %v\n%s", args, err, stderr.Bytes())
	}
	return stdout.String()
}

// randomTree makes files whose names are likely to match random patterns.
func randomTree(t *testing.T, rnd *rand.Rand, dir string) []string {
	seen := map[string]bool{}
	for range 120 {
		name := []string{"a", "b", randomName(rnd)}[rnd.IntN(3)]
		for range rnd.IntN(4) {
			name += "/" + randomName(rnd)
		}
		full := filepath.Join(dir, name)
		if os.MkdirAll(filepath.Dir(full), 0o755) != nil {
			continue
		}
		if f, err := os.OpenFile(full, os.O_CREATE|os.O_EXCL, 0o644); err == nil {
			f.Close()
		}
	}
	for _, name := range []string{"a", "b"} { // the nested ignore files need them
		os.Remove(filepath.Join(dir, name))
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if d.Name() == ".git" {
			return filepath.SkipDir
		}
		if rel, _ := filepath.Rel(dir, name); rel != "." && err == nil {
			seen[filepath.ToSlash(rel)] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for name := range seen {
		paths = append(paths, name)
	}
	slices.Sort(paths)
	return paths
}

func pick(rnd *rand.Rand, from ...string) string { return from[rnd.IntN(len(from))] }

func randomName(rnd *rand.Rand) string {
	var b strings.Builder
	for range 1 + rnd.IntN(3) {
		b.WriteString(pick(rnd, "a", "b", "c", "a", "b", "-", "]", "*", "!", "#", " ", `\`, "[", ".", "Z", "5", "é"))
	}
	if name := b.String(); name != "." && name != ".." {
		return name
	}
	return "dots"
}

func randomLines(rnd *rand.Rand) string {
	var b strings.Builder
	if rnd.IntN(20) == 0 {
		b.WriteString("\ufeff")
	}
	for range 1 + rnd.IntN(4) {
		if rnd.IntN(4) == 0 {
			b.WriteString(pick(rnd, "!", "!", "#", `\!`, `\#`))
		}
		for range 1 + rnd.IntN(6) {
			b.WriteString(pick(rnd, "a", "b", "c", "/", "/", "*", "**", "***", "**/", "/**", "/**/", "?", "[a-b]", "[!a]", "[^b]", "[]-]",
				"[a-", "[", "]", "[[:alpha:]]", "[[:digit:]-a]", "[[:bad:]]", "[[:alpha]", `[\]]`, `[a\-z]`, "[]-a]", "[--0]", "[/]", "[ -~]", "[]", "[!]",
				`\`, `\*`, `\a`, `\/`, " ", `\ `, ".", "é", "Z", "5"))
		}
		b.WriteString(pick(rnd, "", "", "", "/", " ", "  ", "\\ "))
		b.WriteString(pick(rnd, "\n", "\n", "\r\n"))
	}
	return b.String()
}

func TestGlobTerminates(t *testing.T) {
	p, ok := parsePattern("/" + strings.Repeat("a*", 200) + strings.Repeat("/**/a*", 200) + "b")
	if !ok {
		t.Fatal("not a pattern")
	}
	if p.match(strings.Repeat(strings.Repeat("a", 200)+"/", 200)+"c", false) {
		t.Error("matches")
	}
}

func FuzzPatterns(f *testing.F) {
	f.Add("*.go\n!a/**/b\n[[:alpha:]-]/", "a/b/c.go", true)
	f.Add("b**/*", "b", false)
	f.Fuzz(func(t *testing.T, text, name string, isDir bool) {
		judge(parsePatterns(text), name, isDir)
		_, _ = onexPatterns("stamper")(text)
	})
}
