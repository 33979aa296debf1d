package scaffold

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/json"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
)

// ErrLanguage is returned for a language that ONEX has no template for. A node can
// be written in any language that reads and writes text: take the template that
// is nearest to it, and change the command in node.onex.yaml.
var ErrLanguage = fault.New("ONEX_NODE_MANAGER_021_TEMPLATE_NOT_FOUND", fault.Invalid, "no template for this language").
	Hinted("go, python, shell and node have one; for others begin with shell, and change command in node.onex.yaml")

// ErrText is returned for a description or an owner that is no line of text: it is
// empty, longer than 200 characters, or has control characters or line ends.
var ErrText = fault.New("ONEX_NODE_MANAGER_002_MISSING_REQUIRED_FIELD", fault.Invalid, "one line of text is needed")

// maxText bounds, in characters, a description or an owner: it stands in a line.
const maxText = 200

// A Language is what the program of a node is written in.
type Language string

// The languages with a template.
const (
	Go         Language = "go"
	Python     Language = "python"
	Shell      Language = "shell"
	JavaScript Language = "node" // run by Node.js
)

// Languages returns all of them, in the order of help texts.
func Languages() []Language { return []Language{Go, Python, Shell, JavaScript} }

// Values returns the words for all languages.
func (Language) Values() []string {
	var words []string
	for _, l := range Languages() {
		words = append(words, string(l))
	}
	return words
}

// A Node says what a new node is.
type Node struct {
	Name        node.Name // also of its only tool
	Language    Language
	Description string // one line
	Owner       string // one line
	UUID        string // its identity, for ever
	Dir         string // as a person in the root of the project writes it, such as ./greeter
}

// A File is one file of what was rendered.
type File struct {
	Path string // relative to the directory of what is made, with slashes
	Mode fs.FileMode
	Data []byte
}

//go:embed templates
var templates embed.FS

// Files renders the files of a node, sorted by path.
func (n Node) Files() ([]File, error) {
	l, ok := recipes()[n.Language]
	if !ok {
		return nil, ErrLanguage.With("%q", n.Language)
	}
	if _, err := node.ParseName(string(n.Name)); err != nil {
		return nil, err
	}
	for _, text := range []string{n.Description, n.Owner} {
		if err := checkText(text); err != nil {
			return nil, err
		}
	}
	var all []File
	for _, dir := range []string{"node", l.dir} {
		values, err := page{Node: n, recipe: l}.values()
		if err != nil {
			return nil, err
		}
		files, err := render(path.Join("templates", dir), values)
		if err != nil {
			return nil, err
		}
		all = append(all, files...)
	}
	return sorted(all), nil
}

func sorted(files []File) []File {
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	return files
}

// Code is the error that the tool of a new node answers when a text is blank.
func (n Node) Code() string {
	return "ONEX_" + strings.ToUpper(string(n.Name)) + "_001_INVALID_REQUIRED_FIELD"
}

func checkText(text string) error {
	if strings.TrimSpace(text) == "" || !utf8.ValidString(text) ||
		utf8.RuneCountInString(text) > maxText || strings.ContainsFunc(text, unicode.IsControl) {
		return ErrText.With("%q is not a line of 1 to %d characters", text, maxText)
	}
	return nil
}

// A recipe is how the program of a language is run.
type recipe struct {
	dir     string // below templates
	Runtime node.Runtime
	Command []string
	Env     []string
	Main    string
	More    []extra
}

// An extra is a file beside the program.
type extra struct{ Path, What string }

func recipes() map[Language]recipe {
	return map[Language]recipe{
		Python:     {dir: "python", Runtime: node.Exec, Command: []string{"python3", "main.py"}, Main: "main.py"},
		Shell:      {dir: "shell", Runtime: node.Exec, Command: []string{"sh", "main.sh"}, Main: "main.sh"},
		JavaScript: {dir: "javascript", Runtime: node.Exec, Command: []string{"node", "main.mjs"}, Main: "main.mjs"},
		// -trimpath: the same build serves every copy of the directory. What the go
		// command is told by the environment it must be told here, too.
		Go: {
			dir: "go", Runtime: node.MCP, Command: []string{"go", "run", "-trimpath", "."},
			Env:  []string{"GOCACHE", "GOFLAGS", "GOMODCACHE", "GOPATH", "GOPROXY", "GOTOOLCHAIN", "XDG_CACHE_HOME"},
			Main: "main.go",
			More: []extra{{"mcp.go", "reads calls and writes answers; nothing in it is about your tool"}, {"go.mod", "a module that requires nothing"}},
		},
	}
}

// A page is what templates see.
type page struct {
	Node
	recipe
}

// values returns what stands in templates in two braces, and what it becomes, one
// after the other. It is no text/template: that calls methods by name, for which the
// linker must keep all of them, a tenth of the program.
func (p page) values() ([]string, error) {
	description, err := quoted(p.Description)
	if err != nil {
		return nil, err
	}
	owner, err := quoted(p.Owner)
	if err != nil {
		return nil, err
	}
	var env, more string
	if len(p.Env) > 0 {
		env = "env: [" + strings.Join(p.Env, ", ") + "] # passed on from who runs it; everything else is not\n"
	}
	for _, e := range p.More {
		more += "| `" + e.Path + "` | " + e.What + " |\n"
	}
	return []string{
		"{{name}}", string(p.Name), "{{uuid}}", p.UUID, "{{dir}}", p.Dir, "{{code}}", p.Code(), "{{main}}", p.Main,
		"{{description}}", p.Description, "{{yaml_description}}", description, "{{yaml_owner}}", owner,
		"{{runtime}}", string(p.Runtime), "{{command}}", strings.Join(p.Command, ", "),
		"{{env_line}}", env, "{{more_rows}}", more,
	}, nil
}

// suffix ends the names of templates, so that nobody takes them for source.
const suffix = ".tmpl"

// render fills in the templates of a directory; values are what stands in them, and
// what it becomes, one after the other.
func render(dir string, values []string) ([]File, error) {
	var all []File
	err := fs.WalkDir(templates, dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := templates.ReadFile(name)
		if err != nil {
			return err
		}
		data := []byte(strings.NewReplacer(values...).Replace(string(text)))
		f := File{Path: strings.TrimSuffix(strings.TrimPrefix(name, dir+"/"), suffix), Mode: 0o644, Data: data}
		if bytes.HasPrefix(f.Data, []byte("#!")) {
			f.Mode = 0o755
		}
		all = append(all, f)
		return nil
	})
	return all, err
}

// quoted writes a text for YAML: plain where that is the same text, which is
// easier to read, else as a JSON string, which YAML reads, too.
func quoted(text string) (string, error) {
	plain := !strings.EqualFold(text, "null") && strings.IndexFunc(text, func(r rune) bool {
		return r != ' ' && r != '_' && r != '-' && r != '.' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}) < 0
	if first, _ := utf8.DecodeRuneInString(text); plain && unicode.IsLetter(first) && strings.TrimSpace(text) == text {
		return text, nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(text)
	return strings.TrimSpace(b.String()), err
}
