package lint

import (
	"github.com/omninode-ai/onex/funcs"
)

// A PythonFile is a Python file as its lexical analysis has it, and its functions
// and classes.
type PythonFile struct {
	Lines []funcs.LogicalLine
	src   []byte
}

func parsePython(data []byte) *PythonFile {
	return &PythonFile{Lines: funcs.PythonLines(data), src: data}
}

// Text returns what a token says.
func (p *PythonFile) Text(t funcs.Token) string { return string(p.src[t.From:t.To]) }

// Is reports whether token i of the line is there and says text, and is no string.
func (p *PythonFile) Is(line funcs.LogicalLine, i int, text string) bool {
	return i >= 0 && i < len(line.Tokens) && line.Tokens[i].Kind != funcs.Text && p.Text(line.Tokens[i]) == text
}

// Code returns the tokens of the line without comments.
func (p *PythonFile) Code(line funcs.LogicalLine) funcs.LogicalLine {
	code := funcs.LogicalLine{Indent: line.Indent}
	for _, t := range line.Tokens {
		if t.Kind != funcs.Comment {
			code.Tokens = append(code.Tokens, t)
		}
	}
	return code
}

// Statements returns the lines that have code, without comments.
func (p *PythonFile) Statements() []funcs.LogicalLine {
	var list []funcs.LogicalLine
	for _, l := range p.Lines {
		if code := p.Code(l); len(code.Tokens) > 0 {
			list = append(list, code)
		}
	}
	return list
}

// Body returns how many of the lines after i are in the block that lines[i] opens.
func Body(lines []funcs.LogicalLine, i int) int {
	n := 0
	for _, l := range lines[i+1:] {
		if l.Indent <= lines[i].Indent {
			break
		}
		n++
	}
	return n
}

// Closing returns the index of the bracket that closes the one at index i, or the
// number of tokens.
func (p *PythonFile) Closing(line funcs.LogicalLine, i int) int {
	depth := 0
	for j := i; j < len(line.Tokens); j++ {
		if line.Tokens[j].Kind != funcs.Sign {
			continue
		}
		switch p.Text(line.Tokens[j]) {
		case "(", "[", "{":
			depth++
		case ")", "]", "}":
			if depth--; depth == 0 {
				return j
			}
		}
	}
	return len(line.Tokens)
}

// A Param is a parameter of a Python function, as indexes into the tokens of its
// line: Type and Default are empty when it has none.
type Param struct {
	Name          string
	At            int // of the name
	Type, Default []funcs.Token
}

// A Def is a def statement.
type Def struct {
	Name   string
	At     int // index of the name in the tokens of the line
	Params []Param
	Result []funcs.Token // the annotation of the result
	Colon  int           // index of the colon that ends it
}

// Def reads the line as a def statement.
func (p *PythonFile) Def(line funcs.LogicalLine) (Def, bool) {
	i := 0
	if p.Is(line, i, "async") {
		i++
	}
	if !p.Is(line, i, "def") || i+1 >= len(line.Tokens) {
		return Def{}, false
	}
	d := Def{Name: p.Text(line.Tokens[i+1]), At: i + 1}
	i += 2
	if p.Is(line, i, "[") {
		i = p.Closing(line, i) + 1
	}
	if !p.Is(line, i, "(") {
		return Def{}, false
	}
	end := p.Closing(line, i)
	d.Params = p.params(line, i+1, end)
	i = end + 1
	start := i
	for depth := 0; i < len(line.Tokens); i++ {
		depth += p.turn(line.Tokens[i])
		if depth == 0 && p.Is(line, i, ":") {
			break
		}
	}
	if p.Is(line, start, "->") && start+1 <= i && i <= len(line.Tokens) {
		d.Result = line.Tokens[start+1 : i]
	}
	d.Colon = i
	return d, i < len(line.Tokens)
}

// turn is how a token changes the depth of brackets.
func (p *PythonFile) turn(t funcs.Token) int {
	if t.Kind != funcs.Sign {
		return 0
	}
	switch p.Text(t) {
	case "(", "[", "{":
		return 1
	case ")", "]", "}":
		return -1
	}
	return 0
}

// Split returns the parts of tokens[from:to] between commas that are in no bracket,
// and not between the parameters of a lambda.
func (p *PythonFile) Split(line funcs.LogicalLine, from, to int) [][2]int {
	var parts [][2]int
	depth, lambdas, start := 0, 0, from
	to = min(to, len(line.Tokens))
	for i := from; i < to; i++ {
		depth += p.turn(line.Tokens[i])
		switch {
		case depth > 0:
		case p.Is(line, i, "lambda"):
			lambdas++
		case p.Is(line, i, ":") && lambdas > 0:
			lambdas--
		case p.Is(line, i, ",") && lambdas == 0:
			parts = append(parts, [2]int{start, i})
			start = i + 1
		}
	}
	if start < to {
		parts = append(parts, [2]int{start, to})
	}
	return parts
}

func (p *PythonFile) params(line funcs.LogicalLine, from, to int) []Param {
	var list []Param
	for _, part := range p.Split(line, from, to) {
		i, end := part[0], part[1]
		for i < end && (p.Is(line, i, "*") || p.Is(line, i, "**")) {
			i++
		}
		if i >= end || line.Tokens[i].Kind != funcs.Word {
			continue
		}
		param := Param{Name: p.Text(line.Tokens[i]), At: i}
		equals := end
		for j, depth := i, 0; j < end; j++ {
			depth += p.turn(line.Tokens[j])
			if depth == 0 && p.Is(line, j, "=") {
				equals = j
				param.Default = line.Tokens[j+1 : end]
				break
			}
		}
		if p.Is(line, i+1, ":") && i+2 <= equals {
			param.Type = line.Tokens[i+2 : equals]
		}
		list = append(list, param)
	}
	return list
}
