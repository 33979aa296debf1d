package nodemanager

import (
	"bytes"
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// configFile lists, under nodes, what "onex up" runs.
const configFile = "onex.yaml"

// A list is the list of nodes in an onex.yaml.
type list struct {
	text  []byte
	seq   *yaml.Node // nil when there is none
	key   *yaml.Node // nil when the file has none
	nodes []string
}

func parseList(text []byte) (list, error) {
	l := list{text: text}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return l, ErrList.Wrap(err, "%s", configFile)
	}
	if len(doc.Content) == 0 {
		return l, nil
	}
	top := doc.Content[0]
	if top.Kind != yaml.MappingNode || top.Style&yaml.FlowStyle != 0 {
		return l, ErrList.With("%s is no mapping with a line for each key", configFile)
	}
	for i := 0; i+1 < len(top.Content); i += 2 {
		if top.Content[i].Value == "nodes" {
			l.key, l.seq = top.Content[i], top.Content[i+1]
		}
	}
	if l.seq != nil && l.seq.Tag == "!!null" {
		l.seq = nil
	}
	if l.seq != nil {
		if err := l.seq.Decode(&l.nodes); err != nil {
			return l, ErrList.Wrap(err, "%s", configFile)
		}
	}
	return l, nil
}

// has reports whether the node in dir is listed, however it is written.
func (l list) has(dir string) bool {
	return slices.ContainsFunc(l.nodes, func(n string) bool { return path.Clean(n) == path.Clean(dir) })
}

// add returns the text with one more node. Everything else stays as it is, comments
// included.
func (l list) add(dir string) ([]byte, error) {
	lines := strings.SplitAfter(string(l.text), "\n")
	switch {
	case l.key == nil:
		text := string(l.text)
		if text != "" && !strings.HasSuffix(text, "\n") {
			text += "\n"
		}
		lines = []string{text, "nodes:\n  - " + scalar(dir) + "\n"}
	case l.seq == nil:
		insert(&lines, l.key.Line, "  - "+scalar(dir)+"\n")
	case l.seq.Kind != yaml.SequenceNode:
		return nil, ErrList.With("%s:%d: nodes is no list", configFile, l.key.Line)
	case l.seq.Style&yaml.FlowStyle != 0:
		end := strings.LastIndex(lines[l.seq.Line-1], "]")
		if end < 0 {
			return nil, ErrList.With("%s:%d: nodes has several lines in brackets", configFile, l.key.Line)
		}
		line, item := lines[l.seq.Line-1], scalar(dir)
		if len(l.nodes) > 0 {
			item = ", " + item
		}
		lines[l.seq.Line-1] = line[:end] + item + line[end:]
	default:
		last := l.seq.Content[len(l.seq.Content)-1]
		line := lines[last.Line-1]
		insert(&lines, last.Line, line[:strings.Index(line, "-")]+"- "+scalar(dir)+"\n")
	}
	return l.verified(strings.Join(lines, ""), append(slices.Clone(l.nodes), dir))
}

// remove returns the text without the i-th node.
func (l list) remove(i int) ([]byte, error) {
	if l.seq == nil || l.seq.Style&yaml.FlowStyle != 0 {
		return nil, ErrList.With("%s: nodes stands in brackets", configFile)
	}
	at := l.seq.Content[i].Line
	lines := strings.SplitAfter(string(l.text), "\n")
	want := slices.Delete(slices.Clone(l.nodes), i, i+1)
	return l.verified(strings.Join(slices.Delete(lines, at-1, at), ""), want)
}

// verified returns text if it differs from before in the list of nodes alone, and
// lists the nodes wanted.
func (l list) verified(text string, want []string) ([]byte, error) {
	was, is := map[string]yaml.Node{}, map[string]yaml.Node{}
	if err := yaml.Unmarshal(l.text, &was); err != nil {
		return nil, ErrList.Wrap(err, "%s", configFile)
	}
	if err := yaml.Unmarshal([]byte(text), &is); err != nil {
		return nil, ErrList.Wrap(err, "%s", configFile)
	}
	changed, err := parseList([]byte(text))
	if err != nil {
		return nil, err
	}
	delete(was, "nodes")
	delete(is, "nodes")
	if !slices.Equal(changed.nodes, want) || !bytes.Equal(values(was), values(is)) {
		return nil, ErrList.With("%s is not written as expected", configFile)
	}
	return []byte(text), nil
}

// values prints what documents hold, without comments and layout.
func values(m map[string]yaml.Node) []byte {
	plain := map[string]string{}
	for key, v := range m {
		plain[key] = text(&v)
	}
	out, err := json.Marshal(plain)
	if err != nil {
		panic(err) // texts by text
	}
	return out
}

func text(v *yaml.Node) string {
	all := []string{v.Tag, v.Value}
	for _, c := range v.Content {
		all = append(all, text(c))
	}
	return "(" + strings.Join(all, ",") + ")"
}

// insert puts a line after the n-th one, which may lack its end.
func insert(lines *[]string, n int, line string) {
	if !strings.HasSuffix((*lines)[n-1], "\n") {
		(*lines)[n-1] += "\n"
	}
	*lines = slices.Insert(*lines, n, line)
}

// plain matches a path that needs no quotes in YAML.
var plain = regexp.MustCompile(`^[A-Za-z_./][A-Za-z0-9_./-]*$`)

// scalar writes a path as a value of YAML.
func scalar(dir string) string {
	if plain.MatchString(dir) && !slices.Contains([]string{"null", "true", "false", "yes", "no", "on", "off", ".", "y", "n"}, strings.ToLower(dir)) {
		return dir
	}
	out, err := json.Marshal(dir)
	if err != nil {
		panic(err) // a text
	}
	return string(out)
}
