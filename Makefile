.PHONY: help demo bench packages lint docs recordings unit check test testacc chaos fuzz semver release release-check fake-tailnet outdated testbed-up testbed-cold testbed-down testbed-status
.DEFAULT_GOAL := help
testbed := acceptance-tests/testbed
# The pages that cargo makes of the sources: a link that leads nowhere is an error.
pages := RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --locked
# One selection of packages for all that is built, see acceptance-tests/provider; this builds the provider, too.
unit := cargo test --workspace --locked --lib --bins $(patsubst %.rs,--test %,$(notdir $(wildcard tests/*.rs crates/*/tests/*.rs)))
# The examples in the sources' comments: cargo runs them with nothing else.
examples := cargo test --workspace --locked --doc

help: ## Show the targets.
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 18

demo: packages ## Build the provider and watch it bootstrap a real cluster.
	@acceptance-tests/demo

packages: ## Install what the build needs (Debian, as root), or say what is missing.
	@command -v protoc > /dev/null && [ -e /usr/include/google/protobuf/empty.proto ] || \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null && apt-get update -q && apt-get install -qy protobuf-compiler libprotobuf-dev; } || \
	  { echo 'Install protoc and its well-known types: protobuf-compiler and libprotobuf-dev on Debian.' >&2; exit 1; }
	@$(testbed)/packages

lint: packages ## Format, clippy, pages of the sources, shell scripts, workflows, licences, bans, spelling.
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	$(pages)
	shellcheck -x acceptance-tests/bench acceptance-tests/chaos acceptance-tests/demo acceptance-tests/docs acceptance-tests/deny acceptance-tests/diagnostics acceptance-tests/fuzz acceptance-tests/provider acceptance-tests/record acceptance-tests/schema acceptance-tests/semver acceptance-tests/spelling acceptance-tests/static-provider acceptance-tests/suites acceptance-tests/testacc
	cd $(testbed) && shellcheck -x -P . up cold down status pins outdated engine kind-cluster node-image packages program vault-server external-secrets kustomize-controller programs/*/build programs/*/pin
	shellcheck -x release/again release/archive release/binary release/check release/make release/notes release/package release/runs release/sbom release/sign release/targets release/version
	@actionlint=$$($(testbed)/program actionlint) && "$$actionlint"
	@$(testbed)/pins
	@acceptance-tests/deny
	@acceptance-tests/spelling

docs: packages ## Write docs/ from the schema, templates/ and examples/, and what the suites have shown of the diagnostics.
	@acceptance-tests/docs
	@acceptance-tests/diagnostics

recordings: packages testbed-up ## Draw two real runs of Terraform for the README and the index.
	@acceptance-tests/record

unit: packages ## The tests that need nothing but the compiler, Terraform and Go.
	$(unit)
	$(examples)

check: packages ## What needs no cluster and takes minutes: format, clippy, pages, unit tests, protocol, the documents.
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	$(pages)
	$(unit)
	$(examples)
	@acceptance-tests/suites protocol offline hostile
	@acceptance-tests/docs --check

test: lint testbed-up ## Everything that must pass, from unit tests to real Terraform on a real cluster.
	$(unit)
	$(examples)
	@acceptance-tests/docs --check
	@acceptance-tests/suites
	@acceptance-tests/diagnostics --check

testacc: packages testbed-up ## The acceptance tests with Terraform in PATH, the newest Terraform and OpenTofu (KUBERNETES=1.35: there).
	@acceptance-tests/testacc

bench: packages testbed-up ## Measure; the figures go to target/bench.md (SHORT=1: a third; KEEP=1: into benches/history; PEER=program: beside it).
	@acceptance-tests/bench $(if $(SHORT),--short) $(if $(KEEP),--keep) $(if $(PEER),--peer "$(PEER)")

chaos: packages testbed-up ## Rounds in which something is killed, halted, slowed or cut in the middle of a run (ROUNDS=200 SEED=…).
	@acceptance-tests/chaos --rounds $(or $(ROUNDS),200) $(if $(SEED),--seed $(SEED))

fuzz: packages ## Each fuzz target for SECONDS (600).
	@acceptance-tests/fuzz $(or $(SECONDS),600)

semver: packages ## Does the framework, as a library, break who used its last release?
	@acceptance-tests/semver

release: packages ## Make what a registry takes, in dist/: make release VERSION=0.1.0, see release/README.md.
	@release/make "$(VERSION)"

release-check: packages ## Read dist/VERSION as a registry would, and build it again elsewhere: the same bytes?
	@release/check "dist/$(VERSION)" "dist/$(VERSION).signing-key.asc"
	@release/again "dist/$(VERSION)"

outdated: packages ## List every pinned version, the newest that the registries serve, and when each appeared.
	@$(testbed)/outdated

fake-tailnet: packages ## Start a tailnet that behaves like Tailscale's API, to try things on (ARGUMENTS='--devices FILE --key KEY --port N').
	@acceptance-tests/provider --quiet --bin fake-tailnet
	@$${CARGO_TARGET_DIR:-target}/debug/fake-tailnet $(ARGUMENTS)

testbed-up: ## Start (or mend) the testbed: a kind cluster and a Vault, real ones.
	@$(testbed)/up

testbed-cold: packages ## Build every program and image into an empty folder, and start the testbed from it (CACHE=/folder, else a temporary one).
	@$(testbed)/cold $(CACHE)

testbed-down: ## Stop the testbed; what was built stays cached.
	@$(testbed)/down

testbed-status: ## Say what runs, since when, and where its settings are.
	@$(testbed)/status
