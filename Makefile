# Two commands do everything: `make reproduce` and `make test`.

BACKQUERY := target/release/backquery

.PHONY: reproduce figures study findings reference verify test test-devices check lint schema clients recompute guide data bench \
	peers whole growth waits devices clean build

# Experiments beyond the sources, each with the seeds of its spec.
LONG := experiments/beyond
# Long experiments are skipped.
SKIP := --without $(LONG)

PYTHON := python3

# Seed that is first in every spec of a source.
FIRST := 10

# Every experiment of the sources and every figure, in results/: ten trainings of what the
# paper is about, five of the others.
reproduce: build
	$(BACKQUERY) reproduce $(SKIP)
	$(BACKQUERY) descent

# Every figure, of one training each, which decides no claim.
figures: build
	$(BACKQUERY) reproduce $(SKIP) --seed $(FIRST)
	$(BACKQUERY) descent

# The same with ten seeds each, and the long experiments: about an hour.
study: build
	$(BACKQUERY) reproduce --without $(LONG) --without experiments/paper --seed 10-19
	$(BACKQUERY) reproduce experiments/paper
	$(BACKQUERY) reproduce $(LONG)

# The published state that `make verify` compares a rerun with: tables, manifests and the
# figures of the sources, one seed of each experiment. Left out: the long tables of paper/limits and reverse/width;
# reverse/digits, a part of that; reverse/dead, where rounding decides which units die; and
# summaries, which follow from the rest. It takes a clean checkout, so that the manifests
# name its revision.
reference: build
	@test -z "$$(git status --porcelain)" || { echo "commit first: the checkout is dirty" >&2; exit 1; }
	rm -rf target/reference
	$(BACKQUERY) reproduce $(SKIP) --seed $(FIRST) --no-fallback --out target/reference
	rm -rf target/reference/.store target/reference/paper/limits results/reference
	rm -rf target/reference/reverse/width target/reference/reverse/digits target/reference/reverse/dead
	find target/reference -type d -name summary -exec rm -rf {} +
	find target/reference -type f ! -name accuracy.csv ! -name metrics.csv ! -name evaluators.csv \
		! -name network.csv ! -name layers.csv ! -name judges.csv ! -name manifest.json ! -name 'fig-*.png' -delete
	mkdir -p results && mv target/reference results/reference

# Rerun of the published results in a temporary folder, compared byte for byte.
verify: build
	$(BACKQUERY) verify --results results/reference

# The pages of findings, from the results of every spec with the seeds that it names. Most of
# an hour, less what results/ has.
findings: reproduce
	$(BACKQUERY) reproduce $(LONG)
	$(PYTHON) tests/findings.py --results results

# Every test. With BACKQUERY_DATA, a folder with MNIST, also those on MNIST.
test:
	cargo test --release

# Agreement of ndarray and wgpu with flex. Needs a GPU, or mesa-vulkan-drivers.
test-devices:
	cargo test --profile devices --features all-devices --test suite -- agreement:: devices::

# The gate before a commit: format, lints, documentation, spelling, licences, specs, tests.
check: build lint
	$(BACKQUERY) check
	$(MAKE) test

# Tools beside Rust's own run if they are installed. `cargo deny` needs the network for
# advisories alone.
lint:
	cargo fmt --check
	cargo clippy --release --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --release --no-deps
	@if command -v typos; then typos; \
	else echo "skipped: typos is not installed (cargo install typos-cli)"; fi
	@if cargo deny --version 2>/dev/null; then cargo deny check licenses bans sources; \
	else echo "skipped: cargo deny is not installed (cargo install cargo-deny)"; fi
	@if cargo deny fetch db 2>/dev/null; then cargo deny check advisories; \
	else echo "skipped: advisories need cargo deny and the network"; fi
	@if command -v python3; then python3 tests/house.py --check && python3 tests/links.py \
		&& python3 tests/findings.py --check; \
	else echo "skipped: house style, links and findings need python3"; fi

# The JSON Schema of specs by a validator that is not ours: it takes every published spec, and
# refuses what the tests found broken. Needs Python 3.11 with jsonschema.
schema:
	rm -rf target/broken
	BACKQUERY_BROKEN=$(CURDIR)/target/broken cargo test --release --test suite
	$(PYTHON) tests/schema.py target/broken

# Checks and measurements that need other libraries: NumPy, scikit-learn, Keras on
# TensorFlow and JAX, PyTorch. 6 GB, over an hour; writes benches/results.* and whole.*.
clients: schema recompute guide peers whole

# Every command and script of README.md and docs/guide.md, in a folder of its own: some six
# minutes. Needs BACKQUERY_DATA.
guide: build target/peers/installed
	target/peers/bin/pip install --quiet pandas pillow scikit-learn
	target/peers/bin/python tests/guide.py

# An independent recomputation of the results of `make reproduce` in NumPy. Needs
# BACKQUERY_DATA.
recompute: reproduce target/peers/installed
	target/peers/bin/python tests/recompute.py results

# Measurements use the fastest build, which takes some ten minutes to compile.
DIST := cargo build --profile dist --workspace --bin backquery

# Time of single parts.
bench:
	cargo bench --profile dist --package backquery-benches

# Training steps and inversions, alternating with other libraries, which take 6 GB.
# Writes benches/results.csv, .md and .png.
peers: target/peers/installed
	$(DIST) --bin rounds
	target/peers/bin/python benches/peers/compare.py

# The paper's two experiments from start to end, alternating with its own pipeline: some
# 40 minutes. Needs BACKQUERY_DATA; writes benches/whole.csv and .md.
whole: target/peers/installed
	$(DIST)
	target/peers/bin/python benches/peers/whole.py

# Growth of time and memory with rows, width, depth, seeds and inversions: two minutes.
# Writes benches/growth.csv, .md and .png.
growth:
	$(DIST) --bin growth
	target/dist/growth

# Start-up, loading, everything after training, and all of `make reproduce`: four
# minutes. Needs BACKQUERY_DATA; writes benches/waits.md.
waits:
	$(DIST) --bin waits
	target/dist/waits

target/peers/installed: benches/peers/requirements.txt
	python3 -m venv target/peers
	target/peers/bin/pip install --quiet --requirement $<
	touch $@

# An epoch on the processor and on a GPU, by the width of the network. Writes
# benches/devices.csv and .png.
devices:
	cargo run --release --package backquery-benches --features wgpu --bin devices benches

# MNIST, downloaded into the user's cache.
data: build
	$(BACKQUERY) data fetch mnist

build:
	cargo build --release

# Removes results and builds; keeps data sets.
clean:
	cargo clean
	[ ! -d results ] || find results -mindepth 1 -maxdepth 1 ! -name reference -exec rm -rf {} +
