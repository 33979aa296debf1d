package filetype

// Standard returns the set of all types that ONEX knows by itself.
func Standard() *Set {
	s, err := NewSet(table()...)
	if err != nil {
		panic(err) // the table below contradicts itself; a test builds the set
	}
	return s
}

// table lists the types: first those that the reference implementation stamps,
// then others, by name. A type is listed when its corpus proves that a block
// leaves its files working.
func table() []Type {
	return []Type{
		{
			Name: "python", RuntimeHint: "python>=3.11", Comment: hash,
			Extensions: []string{".py", ".pyi", ".pyx", ".pyw"}, Interpreters: []string{"python", "pypy"},
			Head: []Rule{shebang, codingCookie},
		},
		{
			Name: "markdown", Comment: markdown,
			Extensions: []string{".md", ".markdown"},
			Head:       []Rule{frontMatter, pandocTitle},
		},
		{
			Name: "yaml", Comment: hash,
			Extensions: []string{".yaml", ".yml"},
			Head:       []Rule{ansibleVault, shebang, cloudConfig},
		},
		{
			Name: "go", Comment: slashes,
			Extensions: []string{".go"},
		},
		{
			Name: "shell", Comment: hash,
			Extensions:   []string{".sh", ".bash", ".zsh", ".ksh"},
			Interpreters: []string{"sh", "bash", "dash", "zsh", "ksh"},
			Head:         []Rule{shebang, zshFunction},
		},
		{
			Name: "ignore", Scheme: "file", Comment: hash,
			Filenames: []string{".onexignore", ".gitignore", ".dockerignore"},
		},

		{Name: "c", Comment: slashStar, Extensions: []string{".c", ".h"}},
		{Name: "cpp", Comment: slashStar, Extensions: []string{".cpp", ".cc", ".cxx", ".hpp", ".hh", ".hxx"}},
		{Name: "css", Comment: slashStar, Extensions: []string{".css"}, Head: []Rule{frontMatter, charset}},
		{
			Name: "dockerfile", Comment: hash,
			Extensions: []string{".dockerfile"}, Filenames: []string{"Dockerfile", "Containerfile"},
			Head: []Rule{shebang, dockerDirectives},
		},
		{
			Name: "html", RuntimeHint: "html5", Comment: html,
			Extensions: []string{".html", ".htm"},
			Head:       []Rule{frontMatter, template, xmlDeclaration, doctype},
		},
		{Name: "java", Comment: slashStar, Extensions: []string{".java"}},
		{
			Name: "javascript", RuntimeHint: "javascript>=ES2020", Comment: slashStar,
			Extensions: []string{".js", ".mjs", ".cjs", ".jsx"}, Interpreters: []string{"node", "nodejs", "bun", "deno"},
			Head: []Rule{shebang, docblock},
		},
		{
			Name: "makefile", Comment: hash,
			Extensions: []string{".mk"}, Filenames: []string{"Makefile", "makefile", "GNUmakefile"}, Interpreters: []string{"make"},
			Head: []Rule{shebang},
		},
		{Name: "perl", Comment: hash, Extensions: []string{".pl", ".pm"}, Interpreters: []string{"perl"}, Head: []Rule{shebang}},
		{
			Name: "ruby", Comment: hash,
			Extensions: []string{".rb", ".rake"}, Filenames: []string{"Rakefile", "Gemfile"}, Interpreters: []string{"ruby"},
			Head: []Rule{shebang, magicComments},
		},
		{Name: "rust", Comment: slashes, Extensions: []string{".rs"}, Head: []Rule{rustShebang}},
		{Name: "scss", Comment: slashStar, Extensions: []string{".scss", ".less"}, Head: []Rule{frontMatter, charset}},
		{Name: "sql", Comment: dashes, Extensions: []string{".sql"}, Head: []Rule{liquibase}},
		{Name: "swift", Comment: slashes, Extensions: []string{".swift"}, Head: []Rule{shebang, swiftTools}},
		{Name: "toml", Comment: hash, Extensions: []string{".toml"}},
		{
			Name: "typescript", RuntimeHint: "typescript>=4.0", Comment: slashStar,
			Extensions: []string{".ts", ".tsx", ".mts", ".cts"}, Interpreters: []string{"ts-node", "tsx"},
			Head: []Rule{shebang, docblock},
		},
		{
			Name: "xml", Comment: xml,
			Extensions: []string{".xml", ".xsd", ".xsl", ".xslt", ".svg"},
			Head:       []Rule{xmlDeclaration},
		},

		{Name: "clojure", Comment: semicolons, Extensions: []string{".clj", ".cljs", ".cljc", ".edn"}, Interpreters: []string{"bb"}, Head: []Rule{shebang}},
		{Name: "csharp", Comment: slashes, Extensions: []string{".cs", ".csx"}, Head: []Rule{shebang}},
		{Name: "elisp", Comment: semicolons, Extensions: []string{".el"}, Head: []Rule{shebang, packageLine, modeLine}},
		{Name: "elixir", Comment: hash, Extensions: []string{".ex", ".exs"}, Interpreters: []string{"elixir"}, Head: []Rule{shebang}},
		{Name: "erlang", Comment: percents, Extensions: []string{".erl", ".hrl"}, Head: []Rule{erlangEncoding}},
		{Name: "graphql", Comment: hash, Extensions: []string{".graphql", ".gql"}},
		{Name: "haskell", Comment: dashes, Extensions: []string{".hs"}, Interpreters: []string{"runghc", "runhaskell"}, Head: []Rule{shebang}},
		{Name: "julia", Comment: hash, Extensions: []string{".jl"}, Interpreters: []string{"julia"}, Head: []Rule{shebang}},
		{Name: "kotlin", Comment: slashes, Extensions: []string{".kt", ".kts"}, Head: []Rule{shebang}},
		{Name: "latex", Comment: percent, Extensions: []string{".tex", ".sty", ".cls"}, Head: []Rule{texMagic}},
		{Name: "lua", Comment: dashes, Extensions: []string{".lua"}, Interpreters: []string{"lua", "luajit"}, Head: []Rule{shebang}},
		{
			Name: "lisp", Comment: semicolons,
			Extensions: []string{".lisp", ".lsp", ".cl", ".asd"}, Interpreters: []string{"sbcl", "clisp", "ecl"},
			Head: []Rule{shebang, modeLine},
		},
		{Name: "batch", Comment: labels, Extensions: []string{".bat", ".cmd"}, Head: []Rule{polyglot, echoOff}},
		{Name: "ini", Comment: semicolon, Extensions: []string{".ini", ".cfg"}, Filenames: []string{".editorconfig"}},
		{
			Name: "php", Comment: slashStar,
			Extensions: []string{".php", ".phtml"}, Interpreters: []string{"php"},
			Head: []Rule{shebang, phpTag},
		},
		{
			Name: "powershell", Comment: hash,
			Extensions: []string{".ps1", ".psm1", ".psd1"}, Interpreters: []string{"pwsh"},
			Head: []Rule{authenticode, shebang},
		},
		{Name: "protobuf", Comment: slashes, Extensions: []string{".proto"}},
		{Name: "r", Comment: hash, Extensions: []string{".r"}, Interpreters: []string{"Rscript"}, Head: []Rule{shebang}},
		{Name: "scala", Comment: slashes, Extensions: []string{".scala", ".sc", ".sbt"}, Interpreters: []string{"scala"}, Head: []Rule{shebang}},
		{Name: "svelte", Comment: html, Extensions: []string{".svelte"}},
		{Name: "terraform", Comment: hash, Extensions: []string{".tf", ".tfvars", ".hcl"}},
		{Name: "vim", Comment: quoteMark, Extensions: []string{".vim"}, Filenames: []string{".vimrc"}},
		{Name: "vue", Comment: html, Extensions: []string{".vue"}},
	}
}
