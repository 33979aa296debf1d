package filetype

// Standard returns the set of all types that ONEX knows by itself.
func Standard() *Set {
	s, err := NewSet(table()...)
	if err != nil {
		panic(err) // the table below contradicts itself; a test builds the set
	}
	return s
}

func table() []Type {
	return []Type{
		{
			Name: "python", RuntimeHint: "python>=3.11", Comment: hash,
			Extensions: []string{".py", ".pyi", ".pyx", ".pyw"}, Interpreters: []string{"python", "pypy"},
			Head: []Rule{shebang, codingCookie},
		},
		{
			Name: "markdown", Comment: angleTwice,
			Extensions: []string{".md", ".markdown"},
			Head:       []Rule{frontMatter},
		},
		{
			Name: "yaml", Comment: hash,
			Extensions: []string{".yaml", ".yml"},
			Head:       []Rule{shebang},
		},
		{
			Name: "go", Comment: slashes,
			Extensions: []string{".go"},
		},
		{
			Name: "shell", RuntimeHint: "", Comment: hash,
			Extensions:   []string{".sh", ".bash", ".zsh", ".ksh"},
			Interpreters: []string{"sh", "bash", "dash", "zsh", "ksh"},
			Head:         []Rule{shebang},
		},
		{
			Name: "ignore", Scheme: "file", Comment: hash,
			Filenames: []string{".onexignore", ".gitignore", ".dockerignore"},
		},
	}
}
