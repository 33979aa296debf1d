# What can be made here; `make` alone prints this list.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

GO       ?= go
FUZZTIME ?= 10s
BENCH    ?= .

# What a peer program is found by; `make deps` installs into the first.
export PATH := $(CURDIR)/.build/bin:$(PATH)

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
# The go command refuses to build in a repository that git does not trust.
VCS     := $(shell git rev-parse HEAD >/dev/null 2>&1 && echo true || echo false)
RULES   := ./internal/importtest ./internal/vet ./internal/docgen ./internal/milestone ./internal/repotest

.PHONY: help build demo check parity test race golden fuzz bench cover docs deps fmt lint

help: ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build ./onex, one static binary
	CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=$(VCS) \
		-ldflags '-s -w -X github.com/omninode-ai/onex/internal/cli.release=$(VERSION)' -o onex ./cmd/onex

demo: build ## build, then show the main job on this repository
	./onex demo

check: fmt lint parity ## everything a commit must pass: format, lint, contracts, rules, docs, tests with -race
	$(GO) test $(RULES)
	$(GO) test -race -timeout 20m ./...

parity: build ## run contracts and scenarios of the built-in nodes and of examples/ on every path; what went wrong is kept in .build
	@mkdir -p .build
	./onex contract check -o text
	./onex schemas internal/nodes --outputs --check
	./onex scenario run -o summary || { ./onex scenario run -o junit > .build/scenarios.xml; exit 1; }
	./onex parity -o json --history .build/parity.ndjson > .build/parity.json || \
		{ ./onex parity || true; ./onex parity --history .build/parity.ndjson --trend; echo 'the report is .build/parity.json'; exit 1; }
	@./onex parity --history .build/parity.ndjson --trend | tail -1

fmt: # no file may differ from gofmt; test data may
	@files=$$(git ls-files -z --cached --others --exclude-standard -- '*.go' ':!:**/testdata/**' | xargs -0 gofmt -l); \
		if [ -n "$$files" ]; then printf 'not formatted by gofmt:\n%s\n' "$$files"; exit 1; fi

lint: # configured in staticcheck.conf
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

test: ## run the tests
	$(GO) test -timeout 15m ./...

race: ## run the tests with the race detector; needs a C compiler
	$(GO) test -race -timeout 20m ./...

golden: ## rewrite golden files; read the difference before you commit it
	$(GO) test $$($(GO) list -f '{{.ImportPath}} {{.TestImports}} {{.XTestImports}}' ./... | \
		awk '/internal\/golden/ { print $$1 }') -update

fuzz: ## run every fuzz target for FUZZTIME (10s)
	.ci/fuzz $(FUZZTIME)

bench: ## run the benchmarks that match BENCH (all)
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem ./...

cover: ## print coverage by package; fails below 80 %
	.ci/cover

docs: ## rewrite the generated pages and tables
	$(GO) test ./internal/docgen ./internal/app ./internal/cli -run 'TestGeneratedFilesAreFresh|IsCurrent|AreCurrent' -update

deps: ## install the peer programs that tests talk to (Debian; as root where something is missing)
	.ci/deps
