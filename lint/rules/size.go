package rules

import (
	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/lint"
)

func sizeRules() []*lint.Rule {
	return []*lint.Rule{
		{ID: "S001", Name: "file-size", Set: lint.Onex, Level: lint.Warning, Project: fileSize,
			Files: []string{"*.go", "*.py", "*.js", "*.ts", "*.tsx", "*.jsx", "*.rs", "*.java", "*.sh", "*.c", "*.h", "*.cc", "*.cpp", "*.rb", "*.php", "*.kt", "*.swift", "*.cs"}, Doc: lint.Doc{
				Short: "a source file with more lines than the project allows (lint.max_lines, else 500)",
				Why:   "Nobody reads it as a whole: it holds more than one thing. Exceptions stand in the list with their reasons.",
				Bad:   "a file of 800 lines",
				Good:  "two files, each about one thing",
			}},
	}
}

func fileSize(pass *lint.Pass) {
	limit, types := pass.Project.Config.MaxLines, filetype.Standard()
	for _, f := range pass.Files {
		if f.Lines() <= limit || f.Generated() {
			continue
		}
		if n := written(f, types); n > limit {
			pass.Report(f, -1, "%d lines, over %d", n, limit)
		}
	}
}

// written counts the lines that somebody wrote: not those of the metadata block, so
// that stamping a file does not make it too long.
func written(f *lint.File, types *filetype.Set) int {
	t, ok := types.Find(f.Path, f.Data)
	if !ok {
		return f.Lines()
	}
	body, err := t.Strip(f.Data)
	if err != nil { // a damaged block is for onex check to tell
		return f.Lines()
	}
	return lint.NewFile(f.Path, string(body)).Lines()
}
