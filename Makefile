# Two commands do everything: `make reproduce` and `make test`.

BACKQUERY := target/release/backquery

.PHONY: reproduce study reference verify test test-devices check data bench peers whole growth waits \
	devices clean build

# What goes beyond the sources, each with as many seeds as its spec says.
LONG := experiments/beyond
# And what takes long of the rest: the network of the book, trained once more.
SKIP := --without $(LONG) --without experiments/book/update-rule.toml

# Every experiment of the sources, every figure: into results/.
reproduce: build
	$(BACKQUERY) reproduce $(SKIP)
	$(BACKQUERY) descent

# The same with ten seeds each, and what takes long.
study: build
	$(BACKQUERY) reproduce --without $(LONG) --seed 0-9
	$(BACKQUERY) reproduce $(LONG)

# The published state that `make verify` holds a rerun against: of every
# experiment the tables, the manifests and the paper's figures, but not the long
# tables of paper/limits and reverse/width, not reverse/digits, which is a part of
# that, and not reverse/dead, where rounding decides which units die; and no summaries,
# which follow from the others. Made of a clean checkout, so that the manifests name
# the revision that gave it.
reference: build
	@test -z "$$(git status --porcelain)" || { echo "commit first: the checkout is dirty" >&2; exit 1; }
	rm -rf target/reference
	$(BACKQUERY) reproduce $(SKIP) --no-fallback --out target/reference
	rm -rf target/reference/.store target/reference/paper/limits results/reference
	rm -rf target/reference/reverse/width target/reference/reverse/digits target/reference/reverse/dead
	find target/reference -type d -name summary -exec rm -rf {} +
	find target/reference -type f ! -name accuracy.csv ! -name metrics.csv \
		! -name network.csv ! -name layers.csv ! -name judges.csv ! -name manifest.json ! -name 'fig-*.png' -delete
	mkdir -p results && mv target/reference results/reference

# Runs everything again, apart from results/, and compares.
verify: build
	$(BACKQUERY) verify --results results/reference

# Set BACKQUERY_DATA to a folder with MNIST to test on it as well.
test:
	cargo test --release

# What ndarray and wgpu give agrees with flex; needs a GPU, or mesa-vulkan-drivers.
test-devices:
	cargo test --profile devices --features all-devices --test suite -- agreement:: devices::

# What must hold before a commit: format, lints, documentation, specs, tests.
check: build
	cargo fmt --check
	cargo clippy --release --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --release --no-deps
	$(BACKQUERY) check
	$(MAKE) test

# What is measured is in the quickest build, which takes some ten minutes to make.
DIST := cargo build --profile dist --workspace --bin backquery

# How long the parts take.
bench:
	cargo bench --profile dist --package backquery-benches

# Training steps and inversions alternated with those of other libraries, which take
# 6 GB: writes benches/results.csv, .md and .png.
peers: target/peers/installed
	$(DIST) --bin rounds
	target/peers/bin/python benches/peers/compare.py

# The paper's two experiments from start to end, in turn with its own pipeline: some 40
# minutes. Needs BACKQUERY_DATA; writes benches/whole.csv and .md.
whole: target/peers/installed
	$(DIST)
	target/peers/bin/python benches/peers/whole.py

# How time and memory grow with rows, width, depth, seeds and inversions: two minutes.
# Writes benches/growth.csv, .md and .png.
growth:
	$(DIST) --bin growth
	target/dist/growth

# Start-up, loading, what comes after training, and all of `make reproduce`: four
# minutes. Needs BACKQUERY_DATA; writes benches/waits.md.
waits:
	$(DIST) --bin waits
	target/dist/waits

target/peers/installed: benches/peers/requirements.txt
	python3 -m venv target/peers
	target/peers/bin/pip install --quiet --requirement $<
	touch $@

# An epoch on the processor and on a GPU, by the width of the network: writes
# benches/devices.csv and .png.
devices:
	cargo run --release --package backquery-benches --features wgpu --bin devices benches

# Download MNIST into the user's cache.
data: build
	$(BACKQUERY) data fetch mnist

build:
	cargo build --release

# Results and builds; data sets stay.
clean:
	cargo clean
	[ ! -d results ] || find results -mindepth 1 -maxdepth 1 ! -name reference -exec rm -rf {} +
