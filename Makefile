# SPDX-License-Identifier: MIT
#
# Everything a developer runs; continuous integration calls the same targets.

GO ?= go
KERNELS ?= 5.10 6.1 6.12 7.2
FUZZTIME ?= 1h
TOOL = $(GO) tool -modfile=$(CURDIR)/tools/go.mod

.PHONY: all build test vet lint cover fuzz bench matrix golden contrib release release-check clean

all: build test lint

build: ## the command, static and stripped
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags='-s -w' -o bpfload ./cmd/bpfload

test:
	$(GO) test ./...

vet:
	$(GO) vet ./...

lint: vet ## vet, gofmt and staticcheck
	@out=$$(git ls-files '*.go' | xargs gofmt -l); test -z "$$out" || { echo "not formatted by gofmt: $$out"; exit 1; }
	$(TOOL) staticcheck ./...

cover: ## statements covered in the packages that decode
	$(GO) test -coverprofile=cover.out -coverpkg=./elf,./legacy,./btfmaps,./reloc/...,./internal/extern ./elf ./legacy ./btfmaps ./reloc/... ./internal/extern
	@$(GO) tool cover -func=cover.out | grep -v '100.0%$$'

golden: ## rewrite the golden files of every package that has some
	$(GO) test ./... -run 'Golden|Man|Completion' -update

fuzz: ## every fuzz target in turn, each for FUZZTIME
	@./internal/scripts/fuzz $(FUZZTIME)

bench:
	$(MAKE) -C bench

matrix: ## the kernel tests on other kernels, each in a virtual machine
	@./vmtest/matrix $(KERNELS)

contrib: ## boot with systemd and with BusyBox, run OpenRC's script and the container
	@contrib/systemd/boot && contrib/busybox/boot && contrib/openrc/try && contrib/container/try

release: ## binaries, Debian packages, SBOM and checksums in dist/
	@./release/build

release-check: ## that a release is reproducible and its package installs
	@./release/check

clean:
	rm -rf bpfload dist cover.out
