.PHONY: help packages lint test
.DEFAULT_GOAL := help

help: ## Show the targets.
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

packages: ## Install what the build needs (Debian, as root), or say what is missing.
	@command -v protoc > /dev/null && [ -e /usr/include/google/protobuf/empty.proto ] || \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null && apt-get update -q && apt-get install -qy protobuf-compiler libprotobuf-dev; } || \
	  { echo 'Install protoc and its well-known types: protobuf-compiler and libprotobuf-dev on Debian.' >&2; exit 1; }

lint: packages ## Format and clippy.
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings

test: lint ## Everything that must pass.
	cargo test --workspace --locked
