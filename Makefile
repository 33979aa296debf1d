# What can be made here; `make` alone prints this list.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

GO       ?= go
FUZZTIME ?= 10s
BENCH    ?= .
PACKAGES ?= ./...

# What a peer program is found by; `make deps` installs into the first.
export PATH := $(CURDIR)/.build/bin:$(PATH)

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
# The go command refuses to build in a repository that git does not trust.
VCS     := $(shell git rev-parse HEAD >/dev/null 2>&1 && echo true || echo false)
RULES   := ./internal/importtest ./internal/vet ./internal/docgen ./internal/milestone ./internal/repotest
PAGES   := ./internal/docgen ./internal/app ./internal/cli -run 'TestGeneratedFilesAreFresh|IsCurrent|AreCurrent'

.PHONY: help build demo check parity test race golden fuzz bench cover docs deps fmt lint rules metadata stamp budget vuln \
	platforms workflows breakages commits notes tag tools hooks site release-dry-run release-deps

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build ./onex, one static binary
	CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=$(VCS) \
		-ldflags '-s -w -X github.com/omninode-ai/onex/internal/cli.release=$(VERSION)' -o onex ./cmd/onex

demo: build ## build, then show the main job on this repository
	./onex demo

check: fmt lint rules parity ## everything a commit must pass: format, lint, contracts, rules, docs, tests with -race
	$(GO) test -race -timeout 20m ./...

parity: build ## run contracts and scenarios of the built-in nodes and of examples/ on every path; what went wrong is kept in .build
	@mkdir -p .build
	./onex contract check -o text
	./onex schemas internal/nodes --outputs --check
	./onex scenario run -o summary || { ./onex scenario run -o junit > .build/scenarios.xml || true; ./onex scenario run; exit 1; }
	./onex parity -o json --history .build/parity.ndjson > .build/parity.json || \
		{ ./onex parity || true; ./onex parity --history .build/parity.ndjson --trend; echo 'the report is .build/parity.json'; exit 1; }
	@./onex parity --history .build/parity.ndjson --trend | tail -1

fmt: # no file may differ from gofmt; test data may
	@files=$$(git ls-files -z --cached --others --exclude-standard -- '*.go' ':!:**/testdata/**' | xargs -0 gofmt -l); \
		if [ -n "$$files" ]; then printf 'not formatted by gofmt:\n%s\n' "$$files"; exit 1; fi

lint: build # configured in staticcheck.conf and lint-exceptions.yaml
	$(GO) vet $(PACKAGES)
	$(GO) tool staticcheck $(PACKAGES)
	./onex lint

rules: ## check imports, code, pages, links and the milestone list against the rules of this repository
	$(GO) test $(RULES)
	$(GO) test $(PAGES)

breakages: ## break every enforced rule on purpose, and see that the target responsible says so
	ONEX_BREAKAGES=1 $(GO) test ./internal/repotest -run Breakages -count=1 -timeout 90m -v

stamp: build ## renew the metadata of the files of this repository
	./onex stamp --write -o summary

metadata: build ## hold the files of this repository to what onex promises
	.ci/metadata ./onex

budget: build ## size of the binary and work before main, counted
	.ci/budget ./onex

workflows: tools # the files in .github are valid
	actionlint
	$(GO) test ./internal/repotest -run 'Workflow|Stage|Ruleset|Hook'

commits: # the messages of a branch follow the convention, see BASE
	.ci/commits

platforms: ## build for linux, darwin and windows on amd64 and arm64
	PACKAGES='$(PACKAGES)' .ci/platforms

vuln: tools ## look for known vulnerabilities; needs the network
	PACKAGES='$(PACKAGES)' .ci/vuln

test: ## run the tests of PACKAGES (all)
	$(GO) test -timeout 15m $(PACKAGES)

race: ## run the tests of PACKAGES (all) with the race detector; needs a C compiler
	$(GO) test -race -timeout 20m $(PACKAGES)

golden: ## rewrite golden files; read the difference before you commit it
	$(GO) test $$($(GO) list -f '{{.ImportPath}} {{.TestImports}} {{.XTestImports}}' ./... | \
		awk '/internal\/golden/ { print $$1 }') -update

fuzz: ## run every fuzz target for FUZZTIME (10s)
	.ci/fuzz $(FUZZTIME) $(filter-out ./...,$(PACKAGES))

bench: ## run the benchmarks that match BENCH (all)
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem ./...

cover: ## run the tests of PACKAGES (all), print coverage by package; fails below 80 %
	.ci/cover $(PACKAGES)

docs: ## rewrite the generated pages and tables
	$(GO) test $(PAGES) -update

site: ## build the documentation site, with search, and look at every page in a browser
	@# Not npm ci: npm 11 refuses a lock that lacks builds for other kinds of machines.
	npm --prefix site install --no-save --no-audit --no-fund --loglevel=error
	cd site && npx --no-install vitepress build .
	.ci/deps browser
	@mkdir -p .build
	node site/look.mjs "$$(command -v chromium || command -v google-chrome)" .build/site.png

hooks: ## let git run the quick checks before every commit
	git config core.hooksPath .githooks

tools: .build/bin/actionlint .build/bin/govulncheck

.build/bin/actionlint .build/bin/govulncheck &: .ci/tools/go.mod
	@mkdir -p .build/bin
	CGO_ENABLED=0 $(GO) -C .ci/tools build -trimpath -o $(CURDIR)/.build/bin/ github.com/rhysd/actionlint/cmd/actionlint golang.org/x/vuln/cmd/govulncheck
	@touch .build/bin/actionlint .build/bin/govulncheck

release-deps: # goreleaser, built from source: 1,800 packages, ten minutes
	@mkdir -p .build/bin
	CGO_ENABLED=0 $(GO) -C .ci/release build -trimpath -ldflags '-s -w' -o $(CURDIR)/.build/bin/goreleaser github.com/goreleaser/goreleaser/v2

release-dry-run: ## make a release of HEAD twice, compare, install and try it; no network
	.ci/release-dry-run

notes: ## release notes since the last version, from commit messages
	@$(GO) run ./internal/release/tool notes

tag: ## what STEP (rc, final, patch, minor, major) would tag; DO=1 does it
	.ci/tag $(STEP)

deps: ## install the peer programs that tests talk to (Debian; as root where something is missing)
	.ci/deps
