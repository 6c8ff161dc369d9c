.PHONY: help demo bench packages lint test testbed-up testbed-down testbed-status
.DEFAULT_GOAL := help
testbed := acceptance-tests/testbed

help: ## Show the targets.
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 18

packages: ## Install what the build needs (Debian, as root), or say what is missing.
	@command -v protoc > /dev/null && [ -e /usr/include/google/protobuf/empty.proto ] || \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null && apt-get update -q && apt-get install -qy protobuf-compiler libprotobuf-dev; } || \
	  { echo 'Install protoc and its well-known types: protobuf-compiler and libprotobuf-dev on Debian.' >&2; exit 1; }

demo: packages ## Build the provider and watch it bootstrap a real cluster.
	@acceptance-tests/demo

lint: packages ## Format and clippy.
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings

test: lint testbed-up ## Everything that must pass, from unit tests to real Terraform on a real cluster.
	cargo test --workspace --exclude acceptance-tests --locked
	cargo build --locked
	cargo test -p acceptance-tests --locked -- --test-threads=4

testbed-up: ## Start (or mend) the testbed: a kind cluster and a Vault, real ones.
	@$(testbed)/up

testbed-down: ## Stop the testbed; what was built stays cached.
	@$(testbed)/down

testbed-status: ## Say what runs, since when, and where its settings are.
	@$(testbed)/status
