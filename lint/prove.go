package lint

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// wantFile holds the wants of files that cannot have their own.
const wantFile = "WANT"

// goldenEnd is the end of the name of a file that holds what fixes make of another.
const goldenEnd = ".golden"

// A want is one finding that must be.
type want struct {
	path string
	line int // 0: any
	text *regexp.Regexp
	met  bool
}

func (w *want) String() string {
	if w.line == 0 {
		return fmt.Sprintf("%s: %q", w.path, w.text)
	}
	return fmt.Sprintf("%s:%d: %q", w.path, w.line, w.text)
}

// Prove returns what is wrong with the rule, judged by the cases in dir: files that
// say themselves what is to be found.
//
//	x is "a"  # want "compared with is"
//
// The text is a regular expression that the message of a finding on this line must
// match; several may follow each other. What is found and not wanted is wrong, as
// is what is wanted and not found. One file at least has a want and one at least has
// none: what the rule must catch, and what it must not. A file of the same name with
// .golden at its end is what fixes make of it, and nothing without a fix has one. In
// a file that knows no comments, or for a finding about a file as a whole, the wants
// stand in a file WANT, as lines "path: expression".
func Prove(ctx context.Context, rule *Rule, dir string) []string {
	wants, files, err := wantsOf(dir)
	if err != nil {
		return []string{err.Error()}
	}
	var problems []string
	with := map[string]bool{}
	for _, w := range wants {
		with[w.path] = true
	}
	if len(with) == 0 || len(with) == files {
		problems = append(problems, fmt.Sprintf("%s: %d of %d files have wants; some must, and some must not", dir, len(with), files))
	}
	report, root, err := runCases(ctx, rule, dir)
	if err != nil {
		return append(problems, err.Error())
	}
	defer root.Close()
	for _, d := range report.Findings {
		i := slices.IndexFunc(wants, func(w *want) bool {
			return !w.met && w.path == d.Path && (w.line == 0 || w.line == d.Line) && w.text.MatchString(d.Message)
		})
		if i < 0 {
			problems = append(problems, fmt.Sprintf("found and not wanted: %s", d))
			continue
		}
		wants[i].met = true
	}
	for _, w := range wants {
		if !w.met {
			problems = append(problems, fmt.Sprintf("%s: not found: %s", rule.ID, w))
		}
	}
	return append(problems, fixes(root, &report)...)
}

func runCases(ctx context.Context, rule *Rule, dir string) (Report, *os.Root, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return Report{}, nil, err
	}
	var config Config
	if text, err := root.ReadFile("onex.yaml"); err == nil {
		if config, err = ParseConfig("onex.yaml", text); err != nil {
			return Report{}, nil, err
		}
	}
	config.Exclude = append(config.Exclude, "*"+goldenEnd, wantFile)
	report, err := Run(ctx, root, []*Rule{rule}, &Options{Only: []string{rule.ID}, Config: config, NoGit: true})
	return report, root, err
}

// fixes compares what the fixes make of files with their golden files, of which none
// may be left over.
func fixes(root *os.Root, r *Report) []string {
	byPath := map[string][]*Fix{}
	for _, d := range r.Findings {
		if d.Fix != nil {
			byPath[d.Path] = append(byPath[d.Path], d.Fix)
		}
	}
	var problems []string
	for name, list := range byPath {
		data, err := root.ReadFile(name)
		if err == nil {
			data, _, err = Apply(data, list)
		}
		golden, missing := root.ReadFile(name + goldenEnd)
		switch {
		case err != nil:
			problems = append(problems, err.Error())
		case missing != nil:
			problems = append(problems, fmt.Sprintf("%s has fixes and no %s; they make of it:\n%s", name, name+goldenEnd, data))
		case string(golden) != string(data):
			problems = append(problems, fmt.Sprintf("fixes of %s: got\n%s\nwant\n%s", name, data, golden))
		}
	}
	err := fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if of, ok := strings.CutSuffix(name, goldenEnd); ok && !d.IsDir() && byPath[of] == nil {
			problems = append(problems, fmt.Sprintf("%s is there, and no finding in %s has a fix", name, of))
		}
		return err
	})
	if err != nil {
		problems = append(problems, err.Error())
	}
	return problems
}

// marked finds the wants in a line.
var marked = regexp.MustCompile(`\bwant((?: +"(?:[^"\\]|\\.)*")+)`)

// quoted finds the expressions of a want.
var quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

func wantsOf(dir string) (wants []*want, files int, err error) {
	err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, goldenEnd) {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if rel == wantFile {
			more, err := listedWants(string(text))
			wants = append(wants, more...)
			return err
		}
		files++
		for i, line := range strings.Split(string(text), "\n") {
			for _, m := range marked.FindAllStringSubmatch(line, -1) {
				for _, q := range quoted.FindAllString(m[1], -1) {
					expression, err := strconv.Unquote(q)
					if err != nil {
						return fmt.Errorf("%s:%d: %s: %w", rel, i+1, q, err)
					}
					re, err := regexp.Compile(expression)
					if err != nil {
						return fmt.Errorf("%s:%d: %w", rel, i+1, err)
					}
					wants = append(wants, &want{path: rel, line: i + 1, text: re})
				}
			}
		}
		return nil
	})
	return wants, files, err
}

// listed reads a file of wants.
func listedWants(text string) ([]*want, error) {
	var wants []*want
	for line := range strings.Lines(text) {
		path, expression, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok {
			continue
		}
		re, err := regexp.Compile(expression)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", wantFile, err)
		}
		wants = append(wants, &want{path: path, text: re})
	}
	return wants, nil
}
