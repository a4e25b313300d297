//! How fast each reader of a language is, in bytes, on a generated text of a language's usual lines.
//!
//! The readers that have a name are called by it. The others are timed through the scan of one file, as the file pass
//! calls them: what is kept of a script, of a build file, of a policy, and the search for marks of fuzzing.

use std::collections::BTreeSet;
use std::hint::black_box;

use carat::checks::evidence::Facet;
use carat::checks::parse::yaml::Document;
use carat::checks::parse::{
    Depth, HEAD, Reading, Scan, base_images, directory_props, dockerfile, project_file, read_annotations, read_workflow, run_scripts, shell,
};
use carat::checks::path::RepoPath;
use criterion::{Criterion, Throughput};

/// How long a text is, in bytes: as a long file of its kind, so that what a call costs by itself does not count.
const LENGTH: usize = 64 << 10;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let workflow = WORKFLOW.text();
    time(&mut criterion, "yaml", &workflow, |text| Document::parse(text).is_ok());
    time(&mut criterion, "workflow", &workflow, |text| read_workflow(text).is_ok());
    time(&mut criterion, "annotations", &ANNOTATIONS.text(), |text| read_annotations(text).is_ok());
    let script = SCRIPT.text();
    time(&mut criterion, "shell", &script, |text| shell(text).is_ok());
    let instructions = DOCKERFILE.text();
    time(&mut criterion, "dockerfile", &instructions, |text| dockerfile(text).is_ok());
    time(&mut criterion, "dockerfile, images and scripts", &instructions, |text| {
        dockerfile(text).is_ok_and(|file| base_images(&file).is_ok() && run_scripts(&file).is_ok())
    });
    time(&mut criterion, "project file", &PROJECT.text(), |text| project_file(text).is_ok());
    time(&mut criterion, "directory props", &PROPS.text(), |text| directory_props(text).is_ok());

    time_scan(&mut criterion, "a script and what is kept of it", Facet::ShellScripts, "build.sh", &script);
    time_scan(&mut criterion, "a Dockerfile and what is kept of it", Facet::Dockerfiles, "Dockerfile", &instructions);
    time_scan(&mut criterion, "a pom.xml", Facet::BuildFiles, "pom.xml", &POM.text());
    time_scan(&mut criterion, "a security policy", Facet::SecurityPolicy, "SECURITY.md", &POLICY.text());
    time_scan(&mut criterion, "a search for fuzzing in C", Facet::Fuzzing, "src/read.c", &C.text());
    time_scan(&mut criterion, "a search for fuzzing in Go", Facet::Fuzzing, "read_test.go", &GO.text());
    criterion.final_summary();
}

/// Times a reader, which has to understand the text.
fn time(criterion: &mut Criterion, name: &str, text: &str, read: impl Fn(&[u8]) -> bool) {
    assert!(read(text.as_bytes()), "the text of {name} cannot be read");
    let mut group = criterion.benchmark_group("parsers");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function(name, |bencher| bencher.iter(|| black_box(read(black_box(text.as_bytes())))));
    group.finish();
}

/// Times the scan of a file for one kind of fact, which has to be found.
fn time_scan(criterion: &mut Criterion, name: &str, facet: Facet, path: &str, text: &str) {
    let reading = Reading::new(&BTreeSet::from([facet]), false);
    let path = RepoPath::from(path);
    let interest = reading.interest(path.as_bytes());
    time(criterion, name, text, |text| {
        let scan = Scan::new(&path, interest, &text[..text.len().min(HEAD)]);
        scan.depth() == Depth::Whole && !scan.finish(text).is_empty()
    });
}

/// A text of a language: what it begins with, what is repeated with `{n}` as a number, and what it ends with.
struct Language {
    head: &'static str,
    block: &'static str,
    foot: &'static str,
}

impl Language {
    fn text(&self) -> String {
        let mut text = self.head.to_owned();
        for n in 0_usize.. {
            if text.len() + self.foot.len() >= LENGTH {
                break;
            }
            text.push_str(&self.block.replace("{n}", &n.to_string()));
        }
        text + self.foot
    }
}

const WORKFLOW: Language = Language {
    head: "name: CI\n\non:\n  push:\n    branches: [main]\n  pull_request:\n\npermissions:\n  contents: read\n\njobs:\n",
    block: r#"  test-{n}:
    name: Test on ${{ matrix.os }}
    needs: [lint, "build"]
    runs-on: ${{ matrix.os }}
    permissions:
      contents: read
      pull-requests: write # for the comment
    strategy:
      fail-fast: false
      matrix:
        os: [ubuntu-latest, windows-latest, macos-latest]
        include:
          - { os: ubuntu-latest, target: x86_64-unknown-linux-gnu }
    steps:
      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2
        with:
          persist-credentials: false
      - name: Install
        if: github.event_name == 'push' && !contains(github.ref, 'release')
        env:
          TOKEN: "${{ secrets.TOKEN_{n} }}"
        run: |
          set -euo pipefail
          sudo apt-get update && sudo apt-get install -y cmake ninja-build
          curl -fsSL "https://example.org/install-{n}.sh" -o install.sh
          bash install.sh --prefix "$HOME/.local"

      # The slow ones run at night.
      - run: cargo test --workspace --all-features
        shell: bash
"#,
    foot: "",
};

const ANNOTATIONS: Language = Language {
    head: "annotations:\n",
    block: "  - checks:\n      - binary-artifacts\n      - pinned-dependencies\n    reasons:\n      - reason: test-data # {n}\n",
    foot: "",
};

const SCRIPT: Language = Language {
    head: "#!/usr/bin/env bash\n# Builds and tests everything.\nset -euo pipefail\n\n",
    block: r#"build_{n}() {
  local target=${1:-release} out="$ROOT/build/{n}"
  if [[ -z "${CC:-}" && -x /usr/bin/clang ]]; then
    export CC=clang CXX=clang++
  fi
  mkdir -p "$out" || return 1
  # Ninja where it is there.
  for dir in src lib "tests/unit {n}"; do
    (cd "$dir" && cmake -G Ninja -DCMAKE_BUILD_TYPE="$target" "$ROOT/$dir" > "$out/configure.log" 2>&1)
  done
  case "$(uname -s)" in
    Linux) jobs=$(nproc) ;;
    Darwin | FreeBSD) jobs=$(sysctl -n hw.ncpu) ;;
    *) jobs=$((1 + {n} % 4)) ;;
  esac
  ninja -C "$out" -j "$jobs" | tee -a "$out/build.log" | grep -v '^\[' || true
  cat > "$out/version.h" <<EOF
#define VERSION "$(git describe --tags --always)"
EOF
  curl -sSfL https://example.org/tool-{n}.sh | sh -s -- -b "$out/bin"
  pip install --quiet 'requests==2.{n}' pytest
}

"#,
    foot: "build_0 \"$@\"\n",
};

const DOCKERFILE: Language = Language {
    head: "# syntax=docker/dockerfile:1\nARG VERSION=22.04\n",
    block: r#"
FROM --platform=$BUILDPLATFORM ubuntu:${VERSION} AS stage{n}
ARG TARGETARCH
ENV PATH="/opt/tool{n}/bin:$PATH" \
    DEBIAN_FRONTEND=noninteractive
# What the build needs.
RUN apt-get update && apt-get install -y --no-install-recommends \
        build-essential \
        ca-certificates \
        curl \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src/{n}
COPY --chown=1000:1000 package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci && npm install -g typescript
RUN curl -fsSL https://example.org/{n}/install.sh | bash
RUN <<EOF
set -e
pip install -r requirements.txt
go install example.org/tool@latest
EOF
COPY . .
EXPOSE 80{n}
ENTRYPOINT ["/usr/bin/tini", "--", "/src/{n}/run"]
"#,
    foot: "",
};

const PROJECT: Language = Language {
    head: "<Project Sdk=\"Microsoft.NET.Sdk\">\n  <PropertyGroup>\n    <TargetFramework>net9.0</TargetFramework>\n    \
           <RestoreLockedMode Condition=\"'$(CI)' == 'true'\">true</RestoreLockedMode>\n  </PropertyGroup>\n  <ItemGroup>\n",
    block: "    <!-- {n} -->\n    <PackageReference Include=\"Example.Package{n}\" Version=\"1.{n}.0\">\n      \
            <PrivateAssets>all</PrivateAssets>\n    </PackageReference>\n    <Compile Remove=\"Generated\\File{n}.cs\" />\n",
    foot: "  </ItemGroup>\n</Project>\n",
};

const PROPS: Language = Language {
    head: "<Project>\n  <PropertyGroup>\n    <ManagePackageVersionsCentrally>true</ManagePackageVersionsCentrally>\n  </PropertyGroup>\n  \
           <ItemGroup>\n",
    block: "    <PackageVersion Include=\"Example.Package{n}\" Version=\"[1.{n}.0]\" />\n",
    foot: "  </ItemGroup>\n</Project>\n",
};

const POM: Language = Language {
    head: "<?xml version=\"1.0\"?>\n<project>\n  <dependencies>\n",
    block: "    <dependency>\n      <groupId>org.example</groupId>\n      <artifactId>part-{n}</artifactId>\n      <version>1.{n}</version>\n    \
            </dependency>\n",
    foot: "  </dependencies>\n  <properties>\n    <sonar.host.url>https://sonar.example.org</sonar.host.url>\n  </properties>\n</project>\n",
};

const POLICY: Language = Language {
    head: "# Security policy\n\n",
    block: "Version {n} gets fixes for 90 days. Please disclose a vulnerability to security{n}@example.org, or by the form at\n\
            <https://example.org/security/{n}>; we answer within 3 days. All of it stays confidential until there is a fix.\n\n",
    foot: "",
};

const C: Language = Language {
    head: "#include <stddef.h>\n#include <stdint.h>\n\n",
    block: "static int read_{n}(const uint8_t *data, size_t size) {\n  if (size < {n} || data == NULL) {\n    return -1;\n  }\n  \
            /* The first byte is the kind. */\n  return data[0] == {n} ? handle(data + 1, size - 1) : 0;\n}\n\n",
    foot: "int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {\n  return read_0(data, size);\n}\n",
};

const GO: Language = Language {
    head: "package read\n\nimport \"testing\"\n\n",
    block: "func TestRead{n}(t *testing.T) {\n\tgot, err := Read(strings.NewReader(\"value {n}\"))\n\tif err != nil {\n\t\tt.Fatal(err)\n\t}\n\t\
            if got.Size != {n} {\n\t\tt.Errorf(\"got %d\", got.Size)\n\t}\n}\n\n",
    foot: "func FuzzRead(f *testing.F) {\n\tf.Add(\"a\")\n}\n",
};
