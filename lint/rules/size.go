package rules

import "github.com/omninode-ai/onex/lint"

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
	limit := pass.Project.Config.MaxLines
	for _, f := range pass.Files {
		if n := f.Lines(); n > limit && !f.Generated() {
			pass.Report(f, -1, "%d lines, over %d", n, limit)
		}
	}
}
